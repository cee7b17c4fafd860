"""Creations that were cut off, where somebody archives a contact while they are looked for."""

import asyncio
from typing import Any

import pytest

from crm.write.restart import settle_open
from support.children import Sandbox
from support.undoing import Undoing

pytestmark = pytest.mark.usefixtures("hurry")


async def archived_while_looked_for(person: Undoing, crm: Sandbox, contact: str) -> int:
    """How many writes are unknown after a look in which somebody archives the contact once the search has found it."""
    search = person.portal.gateway.search

    async def then_archived(body: Any) -> Any:
        found = await search(body)
        crm.archive(contact)
        return found

    person.portal.gateway.search = then_archived  # type: ignore[method-assign]  # a moment that no fault of HubSpot's brings
    left = await settle_open(person.portal)
    person.portal.gateway.search = search  # type: ignore[method-assign]
    return left


async def test_another_contact_that_is_archived_meanwhile_says_nothing(person: Undoing, crm: Sandbox) -> None:
    """A creation that took effect is found, though another new contact is archived while it is looked for."""
    crm.late(None, firstname="Bo", lastname="Dam")
    other = crm.writes()[-1]["objectId"]
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    assert await archived_while_looked_for(person, crm, other) == 0
    assert (await person.record(change)).status == "applied"


async def test_a_creation_whose_contact_is_archived_meanwhile_is_not_known(person: Undoing, crm: Sandbox) -> None:
    """Where the contact that may be ours is archived while it is looked for, nothing is concluded from that look."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    ours = crm.writes()[-1]["objectId"]
    await asyncio.sleep(0.4)
    assert await archived_while_looked_for(person, crm, ours) == 1
    entry = await person.portal.ledger.entry(change)
    assert entry and (entry.outcome is None or entry.status == "unknown")
