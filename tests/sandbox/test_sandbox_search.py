"""Search: what it finds, in which order, and where its limits are."""

import time
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import PublicObjectSearchRequest

PEOPLE: dict[str, dict[str, str]] = {
    "mette": {
        "email": "mette@nordlys.example", "firstname": "Mette", "lastname": "Hansen", "company": "Nordlys Design",
        "phone": "+45 22 33 44 55", "lifecyclestage": "customer", "newsletter_signup_date": "2026-03-14",
        "hs_buying_role": "CHAMPION;END_USER",
    },
    "asger": {"firstname": "Åsger", "lastname": "HANSEN", "mobilephone": "20001234", "city": "Aarhus C"},
    "bo": {"email": "bo@fjordbyg.example", "firstname": "Bo", "newsletter_signup_date": "2026-01-01"},
}  # fmt: skip


@pytest.fixture
def people(sandbox: Any) -> dict[str, str]:
    made = {}
    for key, values in PEOPLE.items():
        made[key] = sandbox.create(**values)
        time.sleep(0.002)  # HubSpot's times have milliseconds, and one test sorts by them
    return made


def where(name: str, operator: str, **rest: Any) -> dict[str, Any]:
    return {"filters": [{"propertyName": name, "operator": operator, **rest}]}


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("hansen", ["mette", "asger"]),
        ("hansen mette", ["mette"]),
        ("åSGER", ["asger"]),
        ("nordlys", ["mette"]),
        ("22334455", ["mette"]),
        ("20001234", ["asger"]),
        ("Aarhus", []),
        ("han_en", []),
        ("%", []),
        ("", ["mette", "asger", "bo"]),
    ],
)
def test_query(sandbox: Any, people: dict[str, str], query: str, keys: list[str]) -> None:
    """Every word of a query must be part of a searchable value; the oldest contact comes first."""
    assert sandbox.found(query=query) == [people[key] for key in keys]


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        (where("lastname", "EQ", value="hansen"), ["mette", "asger"]),
        (where("lastname", "EQ", value="hans"), []),
        (where("lastname", "NEQ", value="Hansen"), ["bo"]),
        (where("firstname", "IN", values=["mette", "bo"]), ["mette", "bo"]),
        (where("firstname", "IN", values=["Mette"]), []),
        (where("firstname", "NOT_IN", values=["mette"]), ["asger", "bo"]),
        (where("email", "HAS_PROPERTY"), ["mette", "bo"]),
        (where("email", "NOT_HAS_PROPERTY"), ["asger"]),
        (where("email", "CONTAINS_TOKEN", value="*@nordlys.example"), ["mette"]),
        (where("company", "CONTAINS_TOKEN", value="design"), ["mette"]),
        (where("company", "CONTAINS_TOKEN", value="desi"), []),
        (where("company", "CONTAINS_TOKEN", value="desi*"), ["mette"]),
        (where("company", "NOT_CONTAINS_TOKEN", value="design"), ["asger", "bo"]),
        (where("lifecyclestage", "EQ", value="customer"), ["mette"]),
        (where("lifecyclestage", "EQ", value="Customer"), []),
        (where("hs_buying_role", "EQ", value="END_USER"), ["mette"]),
        (where("hs_buying_role", "IN", values=["END_USER", "LEGAL"]), ["mette"]),
        (where("newsletter_signup_date", "GT", value="2026-01-01"), ["mette"]),
        (where("newsletter_signup_date", "GTE", value="1767225600000"), ["mette", "bo"]),
        (where("newsletter_signup_date", "LT", value="2026-03-14"), ["bo"]),
        (where("newsletter_signup_date", "LTE", value="2026-03-14"), ["mette", "bo"]),
        (where("newsletter_signup_date", "BETWEEN", value="2026-03-01", highValue="2026-03-31"), ["mette"]),
        (where("createdate", "GT", value="0"), ["mette", "asger", "bo"]),
        (where("hs_searchable_calculated_phone_number", "EQ", value="22334455"), ["mette"]),
        (where("hs_searchable_calculated_mobile_number", "CONTAINS_TOKEN", value="*1234"), ["asger"]),
        (where("phone", "EQ", value="22334455"), []),
    ],
)
def test_operators(sandbox: Any, people: dict[str, str], group: dict[str, Any], keys: list[str]) -> None:
    """Every operator matches as documented, for texts, choices and dates."""
    assert sandbox.found(filterGroups=[group]) == [people[key] for key in keys]


def test_groups_are_or_and_filters_are_and(sandbox: Any, people: dict[str, str]) -> None:
    """All filters of a group must hold, in at least one group, together with the query."""
    hansen, reachable = where("lastname", "EQ", value="hansen"), where("email", "HAS_PROPERTY")
    both = {"filters": [*hansen["filters"], *reachable["filters"]]}
    other = where("firstname", "EQ", value="bo")
    assert sandbox.found(filterGroups=[both, other]) == [people["mette"], people["bo"]]
    assert sandbox.found(filterGroups=[both, other], query="fjordbyg") == [people["bo"]]


def test_id_filter(sandbox: Any, people: dict[str, str]) -> None:
    """Contacts are found by their ids."""
    assert sandbox.found(filterGroups=[where("hs_object_id", "IN", values=[people["bo"]])]) == [people["bo"]]


def test_sorts(sandbox: Any, people: dict[str, str]) -> None:
    """One sort is taken as an object or a name; contacts without a value come last."""
    by_date = sandbox.found(sorts=[{"propertyName": "newsletter_signup_date", "direction": "DESCENDING"}])
    assert by_date == [people["mette"], people["bo"], people["asger"]]
    assert sandbox.found(sorts=["firstname"]) == [people["bo"], people["mette"], people["asger"]]
    assert sandbox.found(sorts=["-createdate"])[0] == people["bo"]


def test_sorts_by_what_does_not_exist(client: HubSpot, sandbox: Any, people: dict[str, str]) -> None:
    """A sort that names no property is ignored: the answer is a success in the default order."""
    for sort in ("nonsense", "createdate:desc", '{"propertyName":"createdate","direction":"DESCENDING"}'):
        assert sandbox.found(sorts=[sort]) == list(people.values())
    names = ["y", "x"]
    firms = [client.crm.companies.basic_api.create({"properties": {"name": n}, "associations": []}).id for n in names]
    body: Any = {"sorts": ["nonsense"], "filterGroups": [], "properties": [], "limit": 9, "after": "0"}
    assert [each.id for each in client.crm.companies.search_api.do_search(body).results] == firms


def test_paging(sandbox: Any, people: dict[str, str]) -> None:
    """A search tells all matches and pages by offset; the last page has no paging."""
    first = sandbox.search(limit=2)
    assert first["total"] == 3 and first["paging"]["next"]["after"] == "2"
    last = sandbox.search(limit=2, after="2")
    assert [each["id"] for each in last["results"]] == [people["bo"]] and "paging" not in last


def test_properties_of_results(sandbox: Any, people: dict[str, str]) -> None:
    """Results hold the properties asked for plus three, sorted, with unknown names left out."""
    (result,) = sandbox.search(query="åsger", properties=["city", "nonsense", "zip"])["results"]
    assert list(result["properties"]) == ["city", "createdate", "hs_object_id", "lastmodifieddate", "zip"]
    assert result["properties"]["zip"] is None


def test_official_client_searches(client: HubSpot, people: dict[str, str]) -> None:
    """The official client's search request is understood."""
    group = where("email", "EQ", value="METTE@nordlys.example")
    request = PublicObjectSearchRequest(filter_groups=[group], properties=["email"], limit=5, sorts=[], after="0")
    found = client.crm.contacts.search_api.do_search(request)
    assert found.total == 1 and found.results[0].id == people["mette"]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"after": "²"},
        {"after": "9" * 30},
        {"after": "9990", "limit": 11},
        {"query": "x" * 3001},
        {"filterGroups": [where("city", "IN", values=["x" * 100] * 30)]},
        {"sorts": ["email", "city"]},
        {"filterGroups": [where("nonsense", "EQ", value="1")]},
        {"filterGroups": [where("email", "LIKE", value="1")]},
        {"filterGroups": [where("email", "EQ")]},
        {"filterGroups": [where("createdate", "GT", value="i går")]},
        {"filterGroups": [where("email", "IN", values=[])]},
        {"filterGroups": [where("email", "HAS_PROPERTY")] * 6},
        {"filterGroups": [{"filters": where("email", "HAS_PROPERTY")["filters"] * 7}]},
        {"filterGroups": [{"filters": where("email", "HAS_PROPERTY")["filters"] * 5}] * 4},
    ],
)
def test_search_limits(sandbox: Any, body: dict[str, Any]) -> None:
    """A search past a documented limit or with an unknown name is a validation error."""
    answer = sandbox.http.post("/crm/v3/objects/contacts/search", json=body)
    assert answer.status_code == 400 and answer.json()["category"] == "VALIDATION_ERROR"


def test_lag_matches_the_past_and_shows_the_present(sandbox: Any) -> None:
    """With a lag, search matches what held then, shows what holds now, and counts archived contacts."""
    contact_id = sandbox.create(email="old@nordlys.example")
    sandbox.control("POST", "lag", {"seconds": 20})
    try:
        assert sandbox.search(query="old@nordlys.example")["total"] == 0
        sandbox.control("POST", "clock", {"advance": 21})
        assert sandbox.found(query="old@nordlys.example") == [contact_id]
        path = f"/crm/v3/objects/contacts/{contact_id}"
        sandbox.http.patch(path, json={"properties": {"email": "new@nordlys.example"}})
        (stale,) = sandbox.search(query="old@nordlys.example")["results"]
        assert stale["properties"]["email"] == "new@nordlys.example"
        assert sandbox.search(query="new@nordlys.example")["total"] == 0
        assert sandbox.http.get("/crm/v3/objects/contacts/new@nordlys.example?idProperty=email").status_code == 200
        sandbox.control("POST", "clock", {"advance": 21})
        assert sandbox.found(query="new@nordlys.example") == [contact_id]
        sandbox.http.delete(path)
        assert sandbox.search(query="new@nordlys.example") == {"total": 1, "results": []}
        sandbox.control("POST", "clock", {"advance": 21})
        assert sandbox.search(query="new@nordlys.example")["total"] == 0
    finally:
        sandbox.control("POST", "lag", {"seconds": 0})


def test_no_lag_by_default(sandbox: Any) -> None:
    """Without a lag a search sees every write at once."""
    contact_id = sandbox.create(email="a@nordlys.example")
    assert sandbox.found(query="a@nordlys.example") == [contact_id]
    sandbox.http.patch(f"/crm/v3/objects/contacts/{contact_id}", json={"properties": {"email": "b@nordlys.example"}})
    assert sandbox.found(query="a@nordlys.example") == []
    assert sandbox.found(query="b@nordlys.example") == [contact_id]
