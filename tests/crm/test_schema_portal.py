"""The schema as a portal tells it: its time zone, its owners, its own properties."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm.changes.propose import propose_update
from crm.domain.errors import MissingScope, OwnersUnknown
from crm.portal import Portal, open_portal
from support.children import SANDBOX_TOKEN, Sandbox
from support.schemas import demo_schema


@pytest.fixture
async def portal(crm: Sandbox, tmp_path: Path) -> AsyncIterator[Portal]:
    async with open_portal(token=SANDBOX_TOKEN, api_url=crm.url, ledger=tmp_path / "ledger.db") as found:
        yield found


async def test_words_become_the_portals_values(portal: Portal, crm: Sandbox) -> None:
    """Labels, a custom property, an owner's email and a local time arrive on a change as HubSpot holds them."""
    contact = crm.create(email="ordene@nordlys.example")
    said = {
        "Newsletter signup date": "3. maj 2026",
        "lukkedatoen": "3. maj 2026 kl. 14:30",
        "ejeren": "karen.soelvsten@nordlys.example",
        "telefonnummeret": "22 33 44 55",
    }
    change = await propose_update(portal, contact, said, source_of=lambda name, given, after: "user")
    assert change.values == {
        "newsletter_signup_date": "2026-05-03",
        "closedate": "2026-05-03T12:30:00Z",  # the sandbox's portal lives in Copenhagen
        "hubspot_owner_id": "77040131",
        "phone": "+4522334455",
    }


async def test_the_schema_without_a_server_is_the_portals(portal: Portal) -> None:
    """Tests that need no server understand words by the very schema that a sandbox tells."""
    read, made = await portal.schema(), demo_schema()
    assert [read[name] for name in read.settable()] == [made[name] for name in made.settable()]
    assert (len(read), read.zone) == (len(made), made.zone)


async def test_without_the_account_moments_are_in_utc(portal: Portal, crm: Sandbox) -> None:
    """A token that may not read the account leaves moments as they are written."""
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read", "crm.objects.owners.read"]})
    with pytest.raises(MissingScope):
        await portal.gateway.account()
    schema = await portal.schema()
    assert schema.value(schema["closedate"], "3. maj 2026 14:30", "DK") == "2026-05-03T14:30:00Z"


async def test_without_owners_a_name_is_a_question(portal: Portal, crm: Sandbox) -> None:
    """A token that may not read owners makes a name a question with a next step, not a value."""
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read", "oauth"]})
    schema = await portal.schema()
    with pytest.raises(OwnersUnknown):
        schema.value(schema["hubspot_owner_id"], "Sofie", "DK")
