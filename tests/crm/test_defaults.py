"""What every new contact gets as configured, on a card and in the CRM."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from crm.changes.propose import propose_create, propose_update
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.portal import Portal, open_portal
from crm.write.executor import apply
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox

Opened = Callable[..., AbstractAsyncContextManager[Portal]]
GOOD = {"Livscyklusfase": "Kunde", "kontaktejer": "sofie.lind@nordlys.example", "hs_lead_status": "Ny"}
STORED = {"lifecyclestage": "customer", "hubspot_owner_id": "77040101", "hs_lead_status": "NEW"}
PERSON = {"email": "default.testesen@nordlys.example", "firstname": "Default"}


@pytest.fixture
def portal(crm: Sandbox, tmp_path: Path) -> Opened:
    """Opens the sandbox's portal with configured defaults."""

    @asynccontextmanager
    async def opened(**defaults: str) -> AsyncIterator[Portal]:
        options: dict[str, Any] = {"token": SANDBOX_TOKEN, "api_url": crm.url, "ledger": tmp_path / "ledger.db"}
        async with open_portal(**options, defaults=defaults) as found:
            yield found

    return opened


async def proposed(portal: Portal, **values: str) -> Change:
    return await propose_create(portal, PERSON | values, source_of=lambda name, given, after: "user")


def by_default(change: Change) -> dict[str, str]:
    return {row.property: row.after for row in change.rows if row.source == "default"}


async def test_nothing_configured_is_nothing_added(portal: Opened) -> None:
    """Without the setting a new contact gets only what the user gave."""
    async with portal() as found:
        assert (await proposed(found)).values == PERSON


async def test_defaults_stand_on_the_card_and_are_written(portal: Opened, crm: Sandbox) -> None:
    """Names, labels and emails of the setting become rows marked as default, and then values in the CRM."""
    async with portal(**GOOD) as found:
        change = await proposed(found)
        assert by_default(change) == STORED
        outcome = await apply(found, change, Actor("u", "c"))
        assert outcome.status == "applied"
    written = crm.writes()[-1]["properties"]
    assert {name: written[name] for name in STORED} == STORED


async def test_the_users_own_value_wins(portal: Opened) -> None:
    """A default stays away from a property that the user gave a value."""
    async with portal(**GOOD) as found:
        change = await proposed(found, ejer="Anders Bjerre")
        assert change.values["hubspot_owner_id"] == "77040118"
        assert "hubspot_owner_id" not in by_default(change)


async def test_a_declined_default_does_not_come_back(portal: Opened) -> None:
    """A property that the user clears gets no default, and the change remembers that."""
    async with portal(**GOOD) as found:
        change = await proposed(found, livscyklusfase="", mobil="")
        assert "lifecyclestage" not in change.values
        assert change.declined == ("lifecyclestage",)


async def test_a_default_that_comes_back_from_a_draft_is_a_default(portal: Opened) -> None:
    """A default's value that nobody wrote is no invention of the model; another value is."""
    async with portal(**GOOD) as found:
        values = PERSON | {"lifecyclestage": "customer", "hs_lead_status": "OPEN"}
        change = await propose_create(found, values, source_of=lambda name, given, after: "unknown")
        sources = {row.property: row.source for row in change.rows}
        assert (sources["lifecyclestage"], sources["hs_lead_status"]) == ("default", "unknown")


@pytest.mark.parametrize(
    "bad",
    [
        {"skostørrelse": "43"},
        {"lifecyclestage": "Superhelt"},
        {"ejer": "nobody@nordlys.example"},
        {"hs_marketable_status": "true"},
        {"email": "a@nordlys.example"},
        {"createdate": "2026-01-01"},
    ],
)
async def test_a_wrong_default_is_left_out_and_said(portal: Opened, bad: dict[str, str]) -> None:
    """A default that does not fit the portal keeps nobody from creating contacts; the change names it."""
    async with portal(**bad, hs_lead_status="NEW") as found:
        change = await proposed(found)
        assert by_default(change) == {"hs_lead_status": "NEW"}
        ((name, value),) = bad.items()
        assert change.bad_defaults == (f"{name}={value}",)
        assert change.digest != change.model_copy(update={"bad_defaults": ()}).digest  # as it stands on the card


async def test_defaults_are_not_for_a_contact_that_exists(portal: Opened, crm: Sandbox) -> None:
    """Where somebody else creates the contact meanwhile, its update holds none of the new contact's defaults."""
    async with portal(**GOOD) as found:
        change = await proposed(found, jobtitle="Tester")
        crm.create(email=PERSON["email"], lifecyclestage="evangelist")
        outcome = await apply(found, change, Actor("u", "c"))
        assert outcome.fresh is not None
        assert outcome.fresh.values == {"firstname": "Default", "jobtitle": "Tester"}


async def test_adding_to_a_multiple_choice(portal: Opened, crm: Sandbox) -> None:
    """A plus adds to the values that the contact has, and the card shows all that it will have."""
    contact = crm.create(email=PERSON["email"], hs_buying_role="CHAMPION")
    async with portal() as found:
        change = await propose_update(
            found, contact, {"købsrolle": "+ Influencer"}, source_of=lambda name, given, after: "user"
        )
        (row,) = change.rows
        assert (row.before, row.after) == ("CHAMPION", "CHAMPION;INFLUENCER")


@pytest.mark.parametrize("text", ["lifecyclestage", "=lead", "lifecyclestage=", "a=1, A=2", "a=1,b"])
def test_a_list_that_cannot_be_read_is_refused_at_start(text: str) -> None:
    """Each entry of the setting is a name and a value, and no name stands twice."""
    with pytest.raises(ValueError, match="ASSISTANT_NEW_CONTACT must name"):
        Settings(_env_file=None, new_contact=text)


def test_the_list_of_defaults() -> None:
    """Spaces do not count, and a value may hold an equals sign or semicolons."""
    settings = Settings(_env_file=None, new_contact=" a = 1 , rolle=X;Y,note=a=b, ")
    assert settings.new_contact_defaults == {"a": "1", "rolle": "X;Y", "note": "a=b"}
