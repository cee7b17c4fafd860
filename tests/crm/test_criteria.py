"""What a search refuses to guess, and what it knows of contacts that were written a moment ago."""

import pytest

from crm.changes.propose import propose_create, propose_update
from crm.domain import errors
from crm.domain.actor import Actor
from crm.portal import Portal
from crm.search import search
from crm.write.executor import apply
from support.children import Sandbox

ME = Actor("mette", "c", "r")


@pytest.mark.parametrize(
    ("filters", "error"),
    [
        ({"phone": ""}, errors.EmptyFilter),
        ({"phone": "!"}, errors.EmptyFilter),
        ({"stilling": " "}, errors.EmptyFilter),
        ({"createdate": "snart"}, errors.InvalidDate),
        ({"createdate": ">soon"}, errors.InvalidDate),
        ({"lifecyclestage": "superhelt"}, errors.InvalidOption),
        ({"owner": "Nobody Here"}, errors.InvalidOption),
        ({"owner": "me"}, errors.OwnerOfUser),
        ({"no such field": "x"}, errors.UnknownProperty),
        (dict.fromkeys(("lead status", "lifecyclestage", "owner"), "!Ny"), errors.InvalidOption),
        (dict.fromkeys(("city", "company", "country"), "!x y"), errors.TooManyFilters),
    ],
)
async def test_a_filter_that_cannot_be_read_is_said(portal: Portal, filters: dict[str, str], error: type) -> None:
    """A filter without a value, or with one that its property cannot have, is an error."""
    with pytest.raises(error):
        await search(portal, "", filters)


@pytest.mark.parametrize(
    "filters",
    [
        {"createdate": "today"},
        {"createdate": ">=yesterday"},
        {"lastmodifieddate": "last 7 days"},
        {"lead status": "!New"},
        {"lead status": "empty"},
        {"email": "set"},
        {"email": "@nyhavn.example"},
        {"city": "Skagen; Ribe"},
        {"city": "!Ribe"},
        {"company": "Nyhavn", "owner": "empty"},
        {"notes_last_contacted": "!last 3 months"},
    ],
    ids=str,
)
async def test_who_was_just_created_is_found(portal: Portal, crm: Sandbox, filters: dict[str, str]) -> None:
    """A search by any condition finds a new contact exactly once, before HubSpot's index has it."""
    crm.control("POST", "lag", {"seconds": 60})
    values = {"firstname": "Rikke", "email": "rikke@nyhavn.example", "city": "Skagen", "company": "Nyhavn ApS"}
    change = await propose_create(portal, values, source_of=lambda *_: "user")
    await apply(portal, change, ME)
    found = await search(portal, "", filters, sort="-createdate")
    assert [c.properties["firstname"] for c in found.contacts].count("Rikke") == 1
    assert found.contacts[0].properties["firstname"] == "Rikke"
    against = {"city": "Ribe", "email": "empty", "createdate": "<2020-01-01"}
    for name, value in against.items():
        others = (await search(portal, "", {**filters, name: value})).contacts
        assert all(c.properties.get("firstname") != "Rikke" for c in others)


async def test_a_change_counts_at_once(portal: Portal, crm: Sandbox) -> None:
    """Who lost a condition by a change of ours is not shown, although HubSpot's index still finds the old value."""
    contact = crm.create(firstname="Bo", lastname="Vang", city="Skagen", email="bo@vang.example")
    crm.control("POST", "lag", {"seconds": 60})
    change = await propose_update(portal, contact, {"city": "Ribe"}, source_of=lambda *_: "user")
    await apply(portal, change, ME)
    assert contact not in [c.id for c in (await search(portal, "", {"city": "Skagen"})).contacts]
    assert contact in [c.id for c in (await search(portal, "", {"city": "Ribe"})).contacts]
    assert contact in [
        c.id for c in (await search(portal, "", {"city": "!Skagen", "email": "bo@vang.example"})).contacts
    ]


async def test_a_read_only_property_can_be_searched(portal: Portal) -> None:
    """A search may filter by a read-only property."""
    assert (await search(portal, "", {"hs_object_id": "105890600448"})).total == 1


async def test_a_phone_number_beside_a_filter(portal: Portal, crm: Sandbox) -> None:
    """A number and a condition hold together, on both kinds of phone."""
    crm.create(firstname="Ea", phone="+4520304050", city="Ribe")
    crm.create(firstname="Eb", mobilephone="+4520304050", city="Skagen")
    found = await search(portal, "20 30 40 50", {"city": "Skagen"})
    assert [c.name for c in found.contacts] == ["Eb"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"company": "!Rosen & Hav A/S"}, "Ea Eb Ec"),
        ({"company": "!Rosen; Hav"}, "Ec"),
        ({"email": "!rosen.example"}, "Eb Ec"),
        ({"email": "!ea@rosen.example"}, "Eb Ec"),
        ({"phone": "!20 30 40 50"}, "Eb Ec"),
        ({"city": "!Århus"}, "Eb Ec"),
    ],
    ids=str,
)
async def test_what_is_not_so(portal: Portal, crm: Sandbox, filters: dict[str, str], names: str) -> None:
    """A negated filter excludes only contacts that match all of it; contacts without a value are found."""
    crm.create(
        firstname="Ea",
        lastname="Negert",
        company="Rosen ApS",
        email="ea@rosen.example",
        phone="+4520304050",
        city="Aarhus C",
    )
    crm.create(
        firstname="Eb", lastname="Negert", company="Hav A/S", email="eb@hav.example", phone="+4520304051", city="Ribe"
    )
    crm.create(firstname="Ec", lastname="Negert")
    found = await search(portal, "", {"lastname": "Negert", **filters})
    assert {c.properties["firstname"] for c in found.contacts} == set(names.split())
    assert found.total == len(names.split())


@pytest.mark.parametrize(
    ("filters", "error"),
    [
        ({"city": ";"}, errors.EmptyFilter),
        ({"lifecyclestage": "; ;"}, errors.EmptyFilter),
        ({"createdate": "2026-05-01..2026-01-01"}, errors.InvalidDate),
        ({"city": "Aarhus; Odense; Ribe", "phone": "set"}, errors.TooManyFilters),
    ],
)
async def test_a_number_beside_filters_that_are_too_many(portal: Portal, filters: dict[str, str], error: type) -> None:
    """What HubSpot would refuse is said before it is asked."""
    with pytest.raises(error):
        await search(portal, "22 33 44 55", filters)


async def test_a_range_may_be_open(portal: Portal, crm: Sandbox) -> None:
    """Days up to one, and from one on, together are all days."""
    total = (await search(portal, "", {"createdate": "set"})).total
    until = (await search(portal, "", {"createdate": "..2025-06-30"})).total
    since = (await search(portal, "", {"createdate": "2025-07-01.."})).total
    assert until + since == total
    assert until
    assert since


async def test_a_page_behind_the_last_one_is_empty(portal: Portal) -> None:
    """A page behind the last one is empty and has the right total."""
    for query, sort in (("", "createdate"), ("Mette", "")):
        found = await search(portal, query, {"createdate": "set"}, sort=sort, page=5_000)
        assert found.contacts == []
        assert found.total > 0
