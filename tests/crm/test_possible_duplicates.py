"""Whether a person stands in the CRM already, asked of a real sandbox through one search."""

import pytest

from crm.changes.propose import propose_create
from crm.domain.actor import Actor
from crm.matching.possible_duplicates import MANY, find_duplicates
from crm.portal import Portal
from crm.write.executor import apply
from support.children import Sandbox

METTE = {"firstname": "Mette", "lastname": "Hansen"}


def named(first: str = "", last: str = "", **more: str) -> dict[str, str]:
    return {name: value for name, value in {"firstname": first, "lastname": last, **more}.items() if value}


@pytest.mark.parametrize(
    ("stored", "asked", "why"),
    [
        (named("Jørn", "Kjær-Ågesen"), named("Joern", "Kjaer Aagesen"), "same_name"),
        (named("Bjørn", "Mølgaard"), named("Bjorn", "Molgaard"), "same_name"),
        (named("Freja", "Villadsen"), named("Frjea", "Villadsen"), "similar_name"),
        (named("Freja", "Villadsen"), named("Freja", "Viladsen"), "similar_name"),
        (named("Freja", "Villadsen"), named("Freja", "illadsen"), "similar_name"),
        (named("Freja", "Toft"), named("Freja", "Tot"), "similar_name"),
        (named("Freja", "Tot"), named("Freja", "Toft"), "similar_name"),
        (named("Freja", "Villadsen"), named("Villadsen", "Freja"), "similar_name"),
        (named("Freja Villadsen"), named("Freja", "Villadsen"), "same_name"),
        (named("Freja", "Villadsen"), named(last="Freja Villadsen"), "same_name"),
        (named("Jens-Ole", "Krogh"), named("Jens", "Krogh"), "similar_name"),
        (named("Jens", "Krogh"), named("Jens Ole", "Krogh"), "similar_name"),
        (named("Freja", "Bang Krogh"), named("Freja", "Krogh"), "similar_name"),
        (named("F.", "Krogh"), named("Freja", "Krogh"), "similar_name"),
        (named("Joris", "van den Bosch"), named("Joris", "Bosch"), "same_name"),
        (named("小明", "陈"), named("陈", "小明"), "similar_name"),
        (named("Freja", mobilephone="0045 51 62 73 84"), named(last="Krogh", phone="+4551627384"), "same_phone"),
        (named(last="Krogh", company="Delta ApS"), named("Freja", "Krogh", company="Delta"), "same_company"),
        (named("Freja", "Krogh", email="fk@delta.example"), named(email="freja.krogh@ny.example"), "same_email_name"),
    ],
)
async def test_the_same_person_in_other_words_is_found(
    portal: Portal, crm: Sandbox, stored: dict[str, str], asked: dict[str, str], why: str
) -> None:
    """However a stored person is written the second time, it stands first among the twins, by one search."""
    contact = crm.create(**stored)
    crm.forget()
    found = await find_duplicates(portal, asked)
    assert [(t.contact_id, why in t.why) for t in found[:1]] == [(contact, True)]
    assert [(r["method"], r["path"].rpartition("/")[2]) for r in crm.requests()] == [("POST", "search")]


@pytest.mark.parametrize("lag", [0, 30])
async def test_what_was_just_written_is_a_twin(portal: Portal, crm: Sandbox, lag: int) -> None:
    """A contact that this installation wrote a moment ago is a twin though HubSpot's search does not know it yet."""
    crm.control("POST", "lag", {"seconds": lag})
    change = await propose_create(portal, {"firstname": "Freja", "lastname": "Villadsen"}, source_of=lambda *_: "user")
    outcome = await apply(portal, change, Actor("u", "c"))
    assert outcome.contact is not None
    (twin,) = await find_duplicates(portal, {"firstname": "Freja", "lastname": "Viladsen"})
    assert (twin.contact_id, twin.why) == (outcome.contact.id, ("similar_name",))


async def test_a_very_common_name_is_asked_about_after_a_closer_one(portal: Portal, crm: Sandbox) -> None:
    """Namesakes with another email, number and company are still twins, behind the one with the same number."""
    found = await find_duplicates(
        portal, {**METTE, "phone": "+4522446688", "email": "ny@skovhus.example", "company": "Skovhus"}
    )
    assert "same_phone" in found[0].why
    assert sum("same_name" in twin.why for twin in found) >= 3


async def test_strangers_who_share_a_number_are_not_asked_about(portal: Portal, crm: Sandbox) -> None:
    """A reception's number does not make two people with wholly different names one."""
    crm.create(firstname="Torben", lastname="Bertelsen", phone="+4551627384", company="Delta Data ApS")
    assert await find_duplicates(portal, {"firstname": "Astrid", "lastname": "Winther", "phone": "+4551627384"}) == ()


async def test_somebody_new_is_not_asked_about(portal: Portal) -> None:
    """A name, number and email that nobody has bring no twin."""
    values = {"firstname": "Xenia", "lastname": "Quist", "phone": "+4551627399", "email": "xenia.quist@nyt.example"}
    assert await find_duplicates(portal, values) == ()


async def test_common_names_do_not_push_the_true_one_out(portal: Portal, crm: Sandbox) -> None:
    """Where more look-alikes exist than one search brings, the person with the same number is still first."""
    crowd = [{"properties": {"firstname": f"Me{i:03d}", "lastname": f"Ha{i:03d}"}} for i in range(MANY + 50)]
    for start in range(0, len(crowd), 100):
        batch = {"inputs": crowd[start : start + 100]}
        crm.http.post("/crm/v3/objects/contacts/batch/create", json=batch).raise_for_status()
    contact = crm.create(**METTE, phone="51627384")
    found = await find_duplicates(portal, {**METTE, "phone": "+4551627384"})
    assert found[0].contact_id == contact
    crm.forget()
    await find_duplicates(portal, {**METTE, "phone": "+4551627384"})
    assert len(crm.requests()) == 1  # by now the portal is known to be large


async def test_a_create_costs_two_calls_up_to_the_card(portal: Portal, crm: Sandbox) -> None:
    """With an email a proposal asks once for the email and once for look-alikes."""
    await propose_create(portal, {**METTE, "email": "ny.mette@nyt.example"}, source_of=lambda *_: "user")
    assert [r["method"] for r in crm.requests()] == ["GET", "POST"]
