"""Search through the official client, in the sandbox and live: operators, sorts, pages, limits."""

from typing import Any

import pytest

from support.portals import Portal, eventually, pages, refused

Filter = dict[str, Any]
# the surname comes first in the alphabet where the name comes last
PEOPLE = {
    "ada": {"firstname": "Ada", "lastname": "Zeuthen", "jobtitle": "Chief Engineer", "phone": "+45 22 33 44 51"},
    "bodil": {"firstname": "Bodil", "lastname": "Yding", "jobtitle": "Engineer", "lifecyclestage": "customer"},
    "carl": {"firstname": "Carl", "lastname": "Wolff", "jobtitle": "engineer", "hs_lead_status": "OPEN"},
    "dorte": {"firstname": "Dorte", "lastname": "Vang", "city": "Ribe", "hs_lead_status": "NEW"},
    "erik": {"firstname": "Erik", "lastname": "Ulrich", "city": "Skive", "hs_buying_role": "CHAMPION;BLOCKER"},
    "freja": {"firstname": "Freja", "lastname": "Thor", "city": "Ribe", "lifecyclestage": "customer"},
}
NAMES = list(PEOPLE)


def by(name: str, operator: str, *values: str) -> Filter:
    """One filter."""
    found: Filter = {"propertyName": name, "operator": operator}
    if operator in ("IN", "NOT_IN"):
        return found | {"values": list(values)}
    return found | dict(zip(("value", "highValue"), values, strict=False))


class Crowd:
    """Six contacts of one company that only this run has."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.company = f"{portal.run}crowd"
        self.ids = {
            portal.create(f"search.{name}", company=self.company, **values).id: name for name, values in PEOPLE.items()
        }
        self.here = by("company", "EQ", self.company)
        eventually(self.names, NAMES)

    def names(self, *filters: Filter, **body: Any) -> list[str]:
        """Who is found by these filters, in the order of the answer."""
        found = self.portal.search(filterGroups=[{"filters": [self.here, *filters]}], **{"limit": 50} | body)
        assert found.total == len(found.results) or body
        return [self.ids[each.id] for each in found.results]

    def number(self, name: str) -> str:
        """The id of one of them."""
        return next(key for key, value in self.ids.items() if value == name)


@pytest.fixture(scope="module")
def crowd(portal: Portal) -> Crowd:
    """They are made once, and the index knows them."""
    return Crowd(portal)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (by("lastname", "EQ", "vang"), ["dorte"]),
        (by("firstname", "EQ", "Dor"), []),
        (by("firstname", "NEQ", "ada"), NAMES[1:]),
        (by("firstname", "LT", "carl"), NAMES[:2]),
        (by("firstname", "LTE", "carl"), NAMES[:3]),
        (by("firstname", "GT", "carl"), NAMES[3:]),
        (by("firstname", "GTE", "carl"), NAMES[2:]),
        (by("firstname", "IN", "ada", "freja"), ["ada", "freja"]),
        (by("firstname", "NOT_IN", "ada", "freja"), NAMES[1:-1]),
        (by("city", "HAS_PROPERTY"), ["dorte", "erik", "freja"]),
        (by("city", "NOT_HAS_PROPERTY"), ["ada", "bodil", "carl"]),
        (by("jobtitle", "CONTAINS_TOKEN", "engineer"), ["ada", "bodil", "carl"]),
        (by("jobtitle", "CONTAINS_TOKEN", "chi*"), ["ada"]),
        (by("jobtitle", "CONTAINS_TOKEN", "chi"), []),
        (by("jobtitle", "EQ", "ENGINEER"), ["bodil", "carl"]),
        (by("lifecyclestage", "EQ", "customer"), ["bodil", "freja"]),
        (by("lifecyclestage", "EQ", "CUSTOMER"), []),
        (by("hs_lead_status", "IN", "OPEN", "NEW"), ["carl", "dorte"]),
        (by("hs_searchable_calculated_phone_number", "EQ", "22334451"), ["ada"]),
        (by("createdate", "GT", "1600000000000"), NAMES),
        (by("createdate", "LT", "1600000000000"), []),
        (by("createdate", "BETWEEN", "1600000000000", "32503680000000"), NAMES),
    ],
    ids=lambda value: f"{value['propertyName']}-{value['operator']}" if isinstance(value, dict) else "",
)
def test_parity_search_operators(crowd: Crowd, condition: Filter, expected: list[str]) -> None:
    """Each operator finds exactly the contacts it holds for; text ignores case, options do not."""
    assert crowd.names(condition) == expected


def test_parity_search_not_having_a_token(crowd: Crowd) -> None:
    """Contacts whose value has another word are found by the absence of a word."""
    assert "ada" not in crowd.names(by("jobtitle", "NOT_CONTAINS_TOKEN", "chief"))
    assert {"bodil", "carl"} <= set(crowd.names(by("jobtitle", "NOT_CONTAINS_TOKEN", "chief")))


def test_parity_search_lowercase_lists(crowd: Crowd) -> None:
    """In a list of texts only values in lower case are found."""
    assert crowd.names(by("lastname", "IN", "VANG")) == []
    assert crowd.names(by("lastname", "IN", "vang")) == ["dorte"]


def test_parity_search_numbers(crowd: Crowd) -> None:
    """Numbers are compared as numbers, both ends of a range included."""
    low, high = sorted((crowd.number("bodil"), crowd.number("erik")), key=int)
    between = crowd.names(by("hs_object_id", "BETWEEN", low, high))
    assert set(between) == {name for key, name in crowd.ids.items() if int(low) <= int(key) <= int(high)}
    assert crowd.names(by("hs_object_id", "EQ", low)) == [crowd.ids[low]]


def test_parity_search_email_by_domain(crowd: Crowd, portal: Portal) -> None:
    """A star stands for any characters, so that all addresses of a domain are found."""
    assert crowd.names(by("email", "CONTAINS_TOKEN", f"*@{portal.domain}")) == NAMES


def test_parity_search_groups(crowd: Crowd) -> None:
    """Filters of a group must all hold, and one of the groups is enough."""
    groups = [
        {"filters": [crowd.here, by("city", "EQ", "Ribe"), by("lifecyclestage", "EQ", "customer")]},
        {"filters": [crowd.here, by("firstname", "EQ", "Ada")]},
    ]
    found = crowd.portal.search(filterGroups=groups)
    assert (found.total, [crowd.ids[each.id] for each in found.results]) == (2, ["ada", "freja"])


@pytest.mark.parametrize("sort", ["-lastname", {"propertyName": "lastname", "direction": "DESCENDING"}])
def test_parity_search_sorted_down(crowd: Crowd, sort: Any) -> None:
    """Results come in the descending order of a property, in either spelling of the sort."""
    assert crowd.names(sorts=[sort]) == NAMES


@pytest.mark.parametrize("sort", ["lastname", {"propertyName": "lastname", "direction": "ASCENDING"}])
def test_parity_search_sorted_up(crowd: Crowd, sort: Any) -> None:
    """Results come in the ascending order of a property."""
    assert crowd.names(sorts=[sort]) == NAMES[::-1]


def test_parity_search_oldest_first(crowd: Crowd) -> None:
    """Without a sort the results come in the order of their creation."""
    assert crowd.names() == NAMES


@pytest.mark.parametrize("limit", [1, 2, 4, 6])
def test_parity_search_pages(crowd: Crowd, limit: int) -> None:
    """Pages of a search hold every result once; the last one names no next page."""
    group = [{"filters": [crowd.here]}]
    found = pages(lambda after: crowd.portal.search(filterGroups=group, limit=limit, after=after or "0"))
    assert [crowd.ids[each.id] for each in found] == NAMES


def test_parity_search_total_counts_all(crowd: Crowd) -> None:
    """The total counts every match, whatever the limit."""
    found = crowd.portal.search(filterGroups=[{"filters": [crowd.here]}], limit=2)
    assert (found.total, len(found.results)) == (6, 2) and found.paging.next.after == "2"


def test_parity_search_shows_properties(crowd: Crowd) -> None:
    """Results show six properties by themselves, or those asked for and three always, unknown names left out."""
    group = [{"filters": [crowd.here, by("firstname", "EQ", "ada")]}]
    plain = crowd.portal.search(filterGroups=group).results[0].properties
    assert sorted(plain) == ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]
    asked = crowd.portal.search(filterGroups=group, properties=["zip", "jobtitle", "no_such_property"])
    assert list(asked.results[0].properties) == ["createdate", "hs_object_id", "jobtitle", "lastmodifieddate", "zip"]
    assert asked.results[0].properties["zip"] is None


@pytest.mark.parametrize("query", ["{company}", "search.dorte@{domain}", "{company} dorte", "VANG {company}"])
def test_parity_search_query(crowd: Crowd, query: str) -> None:
    """A query finds contacts by company, by email and by part of a name, whatever the case."""
    text = query.format(company=crowd.company, domain=crowd.portal.domain)
    found = {crowd.ids.get(each.id) for each in crowd.portal.search(query=text, limit=50).results}
    assert "dorte" in found
    assert (len(found) > 1) is (query == "{company}")


def test_parity_search_without_anything(portal: Portal) -> None:
    """An empty search finds contacts, ten at most."""
    found = portal.search()
    assert found.total >= len(found.results) > 0 and len(found.results) <= 10


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": [by("email", "HAS_PROPERTY")]}] * 6},
        {"filterGroups": [{"filters": [by("email", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [by("email", "HAS_PROPERTY")] * 5}] * 4},
        {"limit": 201},
        {"query": "x" * 3_001},
        {"limit": 100, "after": "10000"},
        {"filterGroups": [{"filters": [by("no_such_property", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "NO_SUCH", "value": "1"}]}]},
    ],
    ids=["groups", "filters", "filters-in-all", "limit", "query", "ten-thousand", "property", "operator"],
)
def test_parity_search_limits(portal: Portal, body: Any) -> None:
    """A search past a limit, or with something unknown, is refused as a whole."""
    assert refused(400, portal.searches.do_search, body)["message"]


def test_parity_search_forgets_the_archived(portal: Portal) -> None:
    """An archived contact is at last neither shown nor counted; until then it may be counted but is never shown."""
    tag = f"{portal.run}gone"
    made = portal.create("search.archived", company=tag)
    group = [{"filters": [by("company", "EQ", tag)]}]
    eventually(lambda: portal.search(filterGroups=group).total, 1)
    portal.contacts.archive(made.id)
    assert portal.search(filterGroups=group).results == []
    eventually(lambda: portal.search(filterGroups=group).total, 0)


def test_parity_search_shows_live_values(portal: Portal) -> None:
    """A result shows the values that the contact has now, whichever ones it was found by."""
    tag = f"{portal.run}live"
    made = portal.create("search.live", company=tag, city="Ribe")
    group = [{"filters": [by("company", "EQ", tag)]}]
    eventually(lambda: portal.search(filterGroups=group).total, 1)
    portal.contacts.update(made.id, {"properties": {"city": "Skive"}})
    assert portal.search(filterGroups=group, properties=["city"]).results[0].properties["city"] == "Skive"
