"""What happens to a contact between the last look at it and the write, or before an answer was seen, is noticed."""

import asyncio
import csv
import io

import pytest

from cli.audit_formats import write_csv
from crm.domain import errors, ledger_entry
from crm.store.audit import events
from crm.write import evidence, timing
from crm.write.reconcile import settle_open
from support.children import Sandbox
from support.undoing import ANNA, Opened, Undoing, until

pytestmark = pytest.mark.usefixtures("hurry")
BO = {"firstname": "Bo", "lastname": "Testesen"}


async def test_a_creation_is_known_after_its_contact_was_updated(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A creation whose answer was lost is recognised though the assistant has changed the contact since."""
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.5)
    change = await person.proposed_create(**BO, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    made = next(write["objectId"] for write in crm.writes() if write["method"] == "POST")
    assert (await person.update(made, city="Vejle")).status == "applied"
    await asyncio.sleep(0.6)
    assert await settle_open(person.portal) == 0
    found = await person.record(change)
    assert (found.status, found.contact_id) == ("applied", made)


async def test_a_contact_of_another_creation_is_not_taken_for_the_lost_one(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two creations of the same values, the one that was answered does not pass for the one that never arrived."""
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.5)
    change = await person.proposed_create(**BO)
    other = await person.proposed_create(**BO)
    await person.cut_off(crm, change, arrives=False)
    monkeypatch.setattr(ledger_entry, "WAITED_FOR", ledger_entry.WAITED_FOR * 0)
    assert (await person.apply(other)).status == "applied"
    await asyncio.sleep(0.6)
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).status == "refused"


async def test_a_creation_is_found_among_hundreds(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import at the same time does not hide whether a creation arrived; where it is too large, others go on."""
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.5)
    monkeypatch.setattr(evidence, "PAGE", 20)
    await person.create(firstname="Ulla", lastname="Kvist", email="ulla.kvist@nordlys.example")
    change = await person.proposed_create(**BO, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    for number in range(60):
        crm.create(firstname=f"Import{number}", lastname="Ort")
    await asyncio.sleep(0.6)
    monkeypatch.setattr(evidence, "PAGES", 2)
    assert await settle_open(person.portal) == 1
    with pytest.raises(errors.UndoOpen):
        await person.proposed()
    monkeypatch.setattr(ledger_entry, "WAITED_FOR", ledger_entry.WAITED_FOR * 0)
    assert (await settle_open(person.portal, lately=True), await settle_open(person.portal)) == (0, 1)
    assert (await person.proposed()).archives
    again = await person.proposed_create(**BO, jobtitle="CFO")
    assert again.twins[0].why[0] == "same_name"
    assert (await person.apply(again)).status == "applied"
    monkeypatch.setattr(evidence, "PAGES", 5)
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).status == "applied"


async def test_an_archiving_gives_way_to_an_approved_update(person: Undoing, opened: Opened, crm: Sandbox) -> None:
    """What another user has written while the undo of a creation was being checked keeps the contact."""
    made = (await person.create(**ANNA)).contact
    assert made is not None
    change = await person.proposed()
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{made.id}", "nth": 1}, delay=1.5)
    crm.forget()
    undoing = asyncio.create_task(person.apply(change))
    await until(lambda: any("batch/read" in request["path"] for request in crm.requests()))
    async with opened() as other:
        update = await other.proposed_update(made.id, city="Odense")
        assert (await other.apply(update, conversation="c2", user="bo")).status == "applied"
    outcome = await undoing
    assert (outcome.status, outcome.error and outcome.error.code) == ("refused", "undo_touched")
    assert crm.get(made.id, "city")["city"] == "Odense"


async def test_of_two_undos_the_second_looks_again(person: Undoing, opened: Opened, crm: Sandbox) -> None:
    """A change that was taken back and made again is not taken back once more by an older card."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    await person.update(contact, jobtitle="CFO", email="anna.ny@nordlys.example")
    one, two = await person.proposed(), await person.proposed()
    crm.forget()
    crm.fail(match={"method": "GET", "path_contains": "anna.ek"}, delay=1.5)
    undoing = asyncio.create_task(person.apply(one))
    await until(lambda: any("anna.ek" in request["path"] for request in crm.requests()))
    async with opened() as other:
        assert (await other.apply(two)).status == "applied"
        assert (await other.update(contact, jobtitle="CFO")).status == "applied"
    assert (await undoing).status in ("refused", "stale")
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"


async def test_what_a_workflow_set_long_before_is_no_late_edit(person: Undoing, crm: Sandbox) -> None:
    """Of an archived contact only what people and programs wrote after the card is told, in any field."""
    made = (await person.create(**ANNA)).contact
    assert made is not None
    crm.late(made.id, author="AUTOMATION_PLATFORM", jobtitle="Auto")
    change = await person.proposed()
    crm.fail(match={"method": "DELETE"}, delay=0.6)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: any(request["method"] == "DELETE" for request in crm.requests()))
    crm.late(made.id, author="AUTOMATION_PLATFORM", state="Auto")
    crm.set(made.id, city="Odense", message="vigtigt")
    outcome = await applying
    assert (outcome.status, outcome.overwritten) == ("applied", {"city": "Odense", "message": "vigtigt"})
    assert len((await person.record(change)).correlation_ids) == 1
    *_, line = await person.portal.ledger.database.do(lambda db: list(events(db)))
    written = io.StringIO()
    write_csv([line], written)
    cells = [(row["property"], row["overwritten"]) for row in csv.DictReader(io.StringIO(written.getvalue()))]
    assert cells == [("city", "Odense"), ("message", "vigtigt")]


@pytest.mark.parametrize("theirs", [{"firstname": "Peter", "lastname": "Olsen"}, {"company": "Konkurrent A/S"}])
async def test_a_contact_that_became_somebody_else_is_shown_again(
    person: Undoing, crm: Sandbox, theirs: dict[str, str]
) -> None:
    """A card names the contact as it was: where name, email or company are different by now, a fresh one comes."""
    contact = crm.create(**ANNA, company="Nordlys")
    await person.update(contact, city="Ribe")
    update, undo = await person.proposed_update(contact, jobtitle="CFO"), await person.proposed()
    assert (update.display, update.about) == ("Anna Ek", "anna.ek@nordlys.example · Nordlys")
    crm.set(contact, **theirs)
    for change in (update, undo):
        outcome = await person.apply(change)
        assert outcome.status == "stale" and outcome.fresh is not None
        assert (outcome.fresh.display, outcome.fresh.about) != (change.display, change.about)
        assert outcome.fresh.values == change.values


async def test_an_approval_that_comes_to_nothing_has_its_line(person: Undoing, crm: Sandbox) -> None:
    """Why an approved change was not even claimed stands in the trail."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.set(contact, jobtitle="Partner")
    assert (await person.apply(change)).status == "stale"
    lines = await person.portal.ledger.database.do(lambda db: [(e.kind, e.outcome, e.change_id) for e in events(db)])
    assert lines == [("outcome", "stale", change.id)]


async def test_the_way_there_and_back_again_counts(opened: Opened, crm: Sandbox) -> None:
    """The undo of an undo counts among the changes of the hour."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    async with opened(changes_per_hour=1) as person:
        await person.update(contact, jobtitle="CFO")
        assert (await person.undo()).status == "applied"
        full = await person.undo()
        assert (full.status, type(full.error)) == ("unavailable", errors.TooManyChanges)


async def test_an_archived_record_that_is_gone_for_good(person: Undoing, crm: Sandbox) -> None:
    """Where the archived record is not there any more to be looked at, the archiving is told all the same."""
    await person.create(**ANNA)
    change = await person.proposed()
    nothing = {"status": "COMPLETE", "results": [], "startedAt": "2026-01-01T00:00:00Z"}
    nothing["completedAt"] = "2026-01-01T00:00:00Z"
    crm.fail(match={"path_contains": "/batch/read", "nth": 2}, status=200, body=nothing)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.overwritten) == ("applied", {})
