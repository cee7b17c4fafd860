"""Search as a person means it, and the one contact that somebody means, over a real sandbox."""

import pytest

from crm.changes.propose import propose_create, propose_update
from crm.domain import errors
from crm.domain.actor import Actor
from crm.matching.possible_duplicates import find_duplicates
from crm.portal import Portal
from crm.search.finding import PAGE, find, search
from crm.write.executor import apply
from support.children import Sandbox

METTE = "mette.hansen@nordlys.example"


@pytest.mark.parametrize(
    ("query", "first", "calls"),
    [
        (METTE, "Mette Hansen", 1),
        ("METTE.HANSEN@nordlys.example", "Mette Hansen", 1),
        ("k.toft@privatpost.example", "Karen-Margrethe Toft Sørensen", 1),
        ("22334455", "Mette Hansen", 1),
        ("0045 22-33 44 55", "Mette Hansen", 1),
        ("+31 (20) 794 0100", "Pieter van der Berg", 1),
        ("mette hansen", "Mette Hansen", 1),
        ("hansen nordlys mette", "Mette Hansen", 1),
        ("Karen-Margr", "Karen-Margrethe Toft Sørensen", 1),
        ("van der Berg", "Pieter van der Berg", 1),
        ("李", "小红 李", 1),
        ("Mete Hansn", "Mette Hansen", 2),
        ("hansn nordlys mete", "Mette Hansen", 2),
        ("Jörgensen", "Jørgensen", 2),
        ("soeren ostergard", "Soeren Oestergaard", 2),
        ("Havenkadde", "Pieter van der Berg", 2),
    ],
)
async def test_a_person_finds_whom_they_mean(portal: Portal, crm: Sandbox, query: str, first: str, calls: int) -> None:
    """Emails, numbers, parts, words in any order and slips bring the contact first; only slips cost a second call."""
    found = await search(portal, query, {})
    assert first in found.contacts[0].name
    assert len(crm.requests()) == calls


async def test_the_contacts_of_somebody_who_left(portal: Portal) -> None:
    """A search by owner finds the contacts of a deactivated owner, asked for by name."""
    found = await search(portal, "", {"owner": "Lone Dahl"})
    assert {c.name for c in found.contacts} == {"Emil de la Cour", "Björk Þórsdóttir"}


async def test_every_spelling_of_a_name_is_found(portal: Portal, crm: Sandbox) -> None:
    """Whom other spellings of a word mean is found beside those spelled as asked, with a hyphen or without."""
    names = [("Frejdis", "Mølhave"), ("Frejdis", "Moelhave"), ("Frejdis", "Molhave"), ("Viggo-Emil", "Quistgaard")]
    made = [crm.create(firstname=first, lastname=last) for first, last in names]
    for query in ("Mølhave", "moelhave", "frejdis mølhave"):
        found = await search(portal, query, {})
        assert {c.id for c in found.contacts} == set(made[:3]), query
        assert found.total == 3
    crm.create(firstname="Frejdis", lastname="Sønderhede", email="sonderhede@nordlys.example")
    crm.create(firstname="Viggo", lastname="Sønderhede")
    assert (await search(portal, "sonderhede", {})).total == 2
    for query in ("viggo emil", "Viggo-Emil"):
        assert [c.id for c in (await search(portal, query, {})).contacts] == [made[3]], query


async def test_no_name_is_too_long_to_be_looked_for(portal: Portal, crm: Sandbox) -> None:
    """A search stays within the 3,000 characters that HubSpot takes, however many spellings a name has."""
    values = {"firstname": "Åse Ørsø Kjærå" * 9, "lastname": "Søgård-Ødegård Æblegård", "company": "Æ" * 5_000}
    contact = crm.create(**values)
    assert [twin.contact_id for twin in await find_duplicates(portal, values)] == [contact]
    assert (await search(portal, "æøå " * 60, {})).total == 0


async def test_the_exact_name_comes_first(portal: Portal, crm: Sandbox) -> None:
    """A contact of exactly that name stands before older ones whose name only contains it."""
    for first in ("Freja Marie", "Freja-Louise", "Frejalis"):
        crm.create(firstname=first, lastname="Villadsen")
    crm.create(firstname="Freja", lastname="Villadsen")
    names = [c.name for c in (await search(portal, "freja villadsen", {})).contacts]
    assert names[0] == "Freja Villadsen"
    assert len(names) == 4


async def test_more_than_is_shown_is_counted(portal: Portal, crm: Sandbox) -> None:
    """A page holds ten contacts, and the total says how many there are."""
    for i in range(14):
        crm.create(firstname=f"Frej{i}", lastname="Quistgaard")
    found = await search(portal, "Quistgaard", {})
    assert (len(found.contacts), found.total) == (PAGE, 14)
    near = await search(portal, "Quistgard", {})
    assert (len(near.contacts), near.total) == (PAGE, 14)


async def test_customers_in_a_town(portal: Portal, crm: Sandbox) -> None:
    """Property filters hold together, in the user's words and any spelling of a town, with and without words."""
    crm.create(firstname="Freja", lastname="Villadsen", city="Århus N", lifecyclestage="customer")
    crm.create(firstname="Viggo", lastname="Villadsen", city="Århus N", lifecyclestage="lead")
    crm.forget()
    for town in ("Aarhus", "Århus"):
        found = await search(portal, "", {"by": town, "livscyklus": "kunde"})
        names = {c.name for c in found.contacts}
        assert {"Freja Villadsen", "Mette Hansen"} <= names
        assert "Viggo Villadsen" not in names
    assert [
        c.name for c in (await search(portal, "viladsen", {"city": "Aarhus", "lifecyclestage": "kunde"})).contacts
    ] == ["Freja Villadsen"]


async def test_many_conditions_are_not_too_many(portal: Portal, crm: Sandbox) -> None:
    """More words in more properties than HubSpot takes as filters are looked at all the same, each of them."""
    where = {"city": "Sankt Hans Torv ved Fælleden", "company": "Delta Data Midt Vest", "country": "Danmark"}
    for town in (where["city"], "Sankt Hans Torv ved Åen"):
        crm.create(firstname="Freja", lastname="Villadsen", lifecyclestage="customer", **where | {"city": town})
    asked = {"by": where["city"], "firma": where["company"], "land": "Danmark", "livscyklus": "kunde"}
    for query in ("", "Freja Villadsen", "Freja Viladsen"):
        found = await search(portal, query, asked)
        assert (len(found.contacts), found.total) == (1, 1), query


async def test_nothing_like_it_is_nothing(portal: Portal) -> None:
    """A name that nobody is called, not even nearly, finds nobody."""
    found = await search(portal, "Xanthippe Quux", {})
    assert (found.contacts, found.total) == ([], 0)


async def test_a_misspelt_name_is_never_changed_unasked(portal: Portal) -> None:
    """Whoever is only called nearly so is offered, also when it is the only one, and not taken for an update."""
    with pytest.raises(errors.ContactSimilar) as asked:
        await find(portal, "Pietre van der Berg")
    assert [c.name for c in asked.value.contacts] == ["Pieter van der Berg"]


async def test_another_spelling_of_one_name_is_that_contact(portal: Portal, crm: Sandbox) -> None:
    """A name spelled without its letters, of exactly one contact, is unmistakable."""
    contact = crm.create(firstname="Bjørn", lastname="Mølgaard")
    assert (await find(portal, "Bjorn Molgard")).id == contact


async def test_an_exact_name_beats_a_longer_one(portal: Portal, crm: Sandbox) -> None:
    """Of two contacts whose names contain the words, the one of exactly that name is meant."""
    crm.create(firstname="Freja Marie", lastname="Villadsen")
    contact = crm.create(firstname="Freja", lastname="Villadsen")
    assert (await find(portal, "Freja Villadsen")).id == contact


async def test_letters_inside_a_name_do_not_mean_it(portal: Portal, crm: Sandbox) -> None:
    """A piece from the middle of the only name that has it is asked about."""
    crm.create(firstname="Xerxes", lastname="Quistgaard")
    with pytest.raises(errors.ContactSimilar):
        await find(portal, "uistg")
    assert (await find(portal, "Xerx Quist")).name == "Xerxes Quistgaard"


@pytest.mark.parametrize("lag", [0, 30])
async def test_search_knows_what_was_just_written(portal: Portal, crm: Sandbox, lag: int) -> None:
    """A new contact is found, and a changed one by what it is now and no longer by what it was, at any lag."""
    crm.control("POST", "lag", {"seconds": lag})
    change = await propose_create(
        portal, {"firstname": "Freja", "lastname": "Villadsen", "phone": "51627384"}, source_of=lambda *_: "user"
    )
    made = (await apply(portal, change, Actor("u", "c"))).contact
    assert made is not None
    for query in ("Freja Villadsen", "villadsen", "0045 51627384", "Freja Viladsen"):
        assert [c.id for c in (await search(portal, query, {})).contacts] == [made.id], query
    change = await propose_update(portal, made.id, {"lastname": "Quistgaard"}, source_of=lambda *_: "user")
    await apply(portal, change, Actor("u", "c"))
    assert (await search(portal, "Freja Villadsen", {})).total == 0
    assert [c.id for c in (await search(portal, "freja quistgaard", {})).contacts] == [made.id]
    assert (await find(portal, "Freja Quistgaard", ["city"])).id == made.id


async def test_an_archived_contact_is_gone_at_once(portal: Portal, crm: Sandbox) -> None:
    """A contact that was archived a moment ago is neither shown nor counted, though the index still has it."""
    crm.control("POST", "lag", {"seconds": 30})
    mette = crm.find(METTE)
    assert mette is not None
    crm.archive(mette["id"])
    found = await search(portal, "Mette Hansen", {})
    assert mette["id"] not in [c.id for c in found.contacts]
    assert found.total == len(found.contacts)
