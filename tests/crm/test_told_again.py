"""A change that was applied, or refused, is told in the same way to whoever approves it again; nothing is written."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.contact import Contact
from crm.domain.outcome import Outcome
from crm.write import timing
from support.children import Sandbox
from support.patience import patiently
from support.undoing import ANNA, BY, Undoing


def same(one: Outcome, other: Outcome) -> bool:
    parts: Callable[[Outcome], Any] = lambda o: (o.status, o.change, o.unchanged, o.overwritten, o.replaced)  # noqa: E731
    return bool(parts(one) == parts(other))


async def test_what_was_written_is_told_with_the_contact_as_it_is(person: Undoing, crm: Sandbox) -> None:
    """Told again, an update brings the contact's values of now, and no second write."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    first = await person.apply(change)
    crm.set(contact, lastname="Ek-Holm")
    written = len(crm.writes())
    again = await person.apply(change)
    assert same(first, again) and again.contact is not None
    assert again.contact.name == "Anna Ek-Holm"
    assert len(crm.writes()) == written


async def test_every_detail_is_told_again(person: Undoing, crm: Sandbox) -> None:
    """What HubSpot left, what was run over, and what somebody wrote over ours is told the second time too."""
    contact = crm.create(**ANNA, jobtitle="Chef", city="Vejle", zip="7100")
    change = await person.proposed_update(contact, jobtitle="CFO", city="Ribe", zip="6760")
    assert await person.portal.ledger.claim(change, Actor(**BY), per_hour=100)
    record = Outcome(
        "partly", change, Contact(contact, {}), unchanged=("jobtitle",),
        overwritten={"city": "Odense"}, replaced={"zip": "5000"},
    )  # fmt: skip
    await person.portal.ledger.finish(record)
    again = await person.apply(change)
    assert (again.status, again.unchanged) == ("partly", ("jobtitle",))
    assert (again.overwritten, again.replaced) == ({"city": "Odense"}, {"zip": "5000"})


async def test_a_refusal_is_told_with_its_reason(person: Undoing, crm: Sandbox) -> None:
    """HubSpot's refusal is told again with the same property and reason."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"}
    crm.fail(match={"method": "PATCH"}, status=400, body=body)
    first, again = await person.apply(change), await person.apply(change)
    assert first.status == "refused" and isinstance(first.error, errors.Invalid)
    assert same(first, again) and again.error is not None
    assert (type(again.error), again.error.params) == (type(first.error), first.error.params)


async def test_what_was_unknown_is_looked_for_once_more(person: Undoing, crm: Sandbox) -> None:
    """An outcome that nobody knew at the time is found out when it is asked for again, and is recorded then."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.recorded(change, "unknown")
    assert (await person.apply(change)).status == "unknown"
    crm.late(contact, jobtitle="CFO")
    assert (await person.apply(change)).status == "applied"
    entry = await person.portal.ledger.entry(change)
    assert entry is not None and entry.outcome is not None
    assert entry.status == "applied"


async def test_it_is_told_though_hubspot_is_down(person: Undoing, crm: Sandbox) -> None:
    """Without HubSpot what was recorded is told all the same, without the contact."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.apply(change)
    crm.fail(match={"method": "GET"}, status=401, times=None)
    again = await person.apply(change)
    assert (again.status, again.contact) == ("applied", None)


async def test_a_read_only_assistant_tells_of_what_was_written(opened: Any, crm: Sandbox) -> None:
    """Where nothing may be written any more, a new change is refused so, and one from before is told as it was."""
    contact = crm.create(**ANNA)
    async with opened() as person:
        change: Change = await person.proposed_update(contact, jobtitle="CFO")
        other = await person.proposed_update(contact, jobtitle="CEO")
        await person.apply(change)
    written = len(crm.writes())
    async with opened(read_only=True) as person:
        refused = await person.apply(other)
        assert (refused.status, refused.change) == ("read_only", other)
        assert (await person.apply(change)).status == "applied"
    assert len(crm.writes()) == written


@pytest.mark.parametrize("status", ["gone", "already_so"])
async def test_what_came_to_nothing_is_told_again(person: Undoing, crm: Sandbox, status: Any) -> None:
    """A change that came to nothing, as the contact was gone or right already, is told so once more."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.recorded(change, status)
    again = await person.apply(change)
    assert (again.status, again.change) == (status, change)
    assert not [write for write in crm.writes() if "CFO" in str(write["properties"])]


async def test_what_was_erased_is_told_without_its_values(person: Undoing, crm: Sandbox) -> None:
    """A change whose values were erased since is known by its digest, is told as done, and is not written again."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.apply(change)
    written = len(crm.writes())
    await person.portal.ledger.database.do(lambda db: db.exec_driver_sql("update changes set change = ''") and None)
    again = await person.apply(change)
    assert (again.status, again.change, len(crm.writes())) == ("applied", change, written)


async def seconds(person: Undoing, change: Change, status: str) -> float:
    began = time.monotonic()
    assert (await person.apply(change)).status == status
    return time.monotonic() - began


async def test_nobody_waits_for_ever_for_whoever_is_at_work(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another run is at work its report is waited for, for as long as a write may take, and then is unknown."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    assert await person.portal.ledger.claim(change, Actor(**BY), per_hour=100)
    crm.late(contact, jobtitle="CFO")  # it may be seen, and is still the other's to tell
    monkeypatch.setattr(timing, "REPORT_SECONDS", 0.6)
    assert 0.6 <= await seconds(person, change, "unknown") < patiently(10)


async def test_nobody_waits_for_a_run_that_is_gone(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash what shows is told at once, and what cannot be known is unknown once a late call had its time."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    assert await person.portal.ledger.claim(change, Actor(**BY), per_hour=100)
    person.portal.ledger.abandon(change)
    crm.late(contact, jobtitle="CFO")
    assert await seconds(person, change, "applied") < patiently(10)
    lost = await person.proposed_create(firstname="Bo", lastname="Dal")
    assert await person.portal.ledger.claim(lost, Actor(**BY), per_hour=100)
    person.portal.ledger.abandon(lost)
    monkeypatch.setattr(timing, "LATE_SECONDS", 0.5)
    assert 0.4 < await seconds(person, lost, "unknown") < patiently(10)
