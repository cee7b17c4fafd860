"""What the ledger keeps of cards, claims and outcomes, and what it gives back."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.domain.change import Change, Row, once_more
from crm.domain.contact import Contact
from crm.domain.ledger_entry import LedgerEntry
from crm.domain.outcome import Outcome
from crm.store.audit import Event, events
from crm.store.engine import Database
from crm.store.ledger import Ledger
from crm.store.tables import iso, stamp
from support.full_disk import no_room
from support.patience import patiently

BY = Actor("anna", "c1", "card-1")
APPROVE, REJECT = {"decision": "approve"}, {"decision": "reject"}


def change(name: str, *, action: Any = "update", contact: str | None = "7", **more: Any) -> Change:
    rows = (Row(property="city", before="Vejle", after="Ribe", source="record"),)
    given = {"display": f"Person {name}", "rows": rows, **more}
    return Change(id=name, action=action, contact_id=contact, **given)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    file = Database(tmp_path / "ledger.db")
    yield Ledger(file)
    file.close()


async def trail(ledger: Ledger) -> list[Event]:
    return await ledger.database.do(lambda db: list(events(db)))


async def finished(ledger: Ledger, changes: Iterable[Change], outcome: Any = "applied", actor: Actor = BY) -> None:
    for each in changes:
        assert await ledger.claim(each, actor, per_hour=100)
        contact = Contact(each.contact_id or f"new-{each.id}", {"city": "Ribe", "firstname": each.id})
        await ledger.finish(Outcome(outcome, each, contact))


async def test_a_card_is_known_with_whose_it_is_and_how_it_ended(ledger: Ledger) -> None:
    """A card belongs to its user and conversation, waits, and is used or withdrawn by the first decision on it."""
    first, second = change("a"), change("b")
    for card, each in (("card-1", first), ("card-2", second)):
        await ledger.propose([each], Actor("anna", "c1", card), "words")
    assert await ledger.card("card-1") == (Actor("anna", "c1", "card-1"), "")
    assert await ledger.decide({"a": first}, {"a": APPROVE}, Actor("anna", "c1", "card-1"))
    assert await ledger.decide({"b": second}, {"b": {"decision": "withdrawn"}}, Actor("anna", "c1", "card-2"))
    assert await ledger.card("card-1") == (Actor("anna", "c1", "card-1"), "used")
    assert await ledger.card("card-2") == (Actor("anna", "c1", "card-2"), "withdrawn")
    assert await ledger.card("card-3") is None


async def test_the_first_decision_stands(ledger: Ledger) -> None:
    """The same decision may be noted again, which adds no line; any other is refused, and the first stays."""
    both = {"a": change("a"), "b": change("b")}
    given = {"a": APPROVE, "b": REJECT}
    assert await ledger.decide(both, given, BY)
    assert await ledger.decide(both, dict(reversed(given.items())), BY)
    assert not await ledger.decide(both, {"a": APPROVE, "b": APPROVE}, BY)
    assert not await ledger.decide(both, {"a": {**APPROVE, "acknowledge": ["x"]}, "b": REJECT}, BY)
    decided = [(e.kind, e.change_id, e.outcome, e.card_id, e.user) for e in await trail(ledger)]
    assert decided == [("decided", "a", "approve", "card-1", "anna"), ("decided", "b", "reject", "card-1", "anna")]
    assert await ledger.card("card-1") == (BY, "used")


async def test_what_is_proposed_stands_in_the_trail_with_the_words(ledger: Ledger) -> None:
    """A line per change: who, where, on which card, what was shown of it, and the words that led to it."""
    changes = [change("a"), change("b", action="create", contact=None)]
    await ledger.propose(changes, BY, "ret byen")
    first, second = await trail(ledger)
    assert (first.kind, first.user, first.conversation, first.card_id) == ("proposed", "anna", "c1", "card-1")
    assert (first.change_id, first.action, first.contact_id, first.digest) == ("a", "update", "7", changes[0].digest)
    assert (second.change_id, second.action, second.contact_id) == ("b", "create", "")
    row = {"property": "city", "before": "Vejle", "after": "Ribe", "source": "record"}
    assert first.personal == {"display": "Person a", "rows": [row], "words": "ret byen"}


async def test_an_outcome_is_kept_whole_and_told_once(ledger: Ledger) -> None:
    """What became of a change is read back as it was recorded, and stands in the trail with HubSpot's names."""
    each = change("a")
    assert await ledger.claim(each, BY, per_hour=100)
    record = Outcome(
        "partly", each, Contact("7", {"city": "Vejle"}), unchanged=("city",), overwritten={"phone": "1"},
        replaced={"zip": "2"}, correlation_ids=("x", "y"),
    )  # fmt: skip
    await ledger.finish(record)
    await ledger.finish(Outcome("partly", each, Contact("8", {})))
    await ledger.finish(Outcome("refused", each, Contact("8", {})))
    found = await ledger.by_id("a")
    assert found is not None and found == await ledger.entry(each)
    assert (found.change, found.actor, found.outcome) == (each, Actor("anna", "c1"), record)
    claimed, outcome = await trail(ledger)
    assert (claimed.kind, claimed.change_id, claimed.card_id) == ("claimed", "a", "card-1")
    assert (outcome.kind, outcome.outcome, outcome.correlation_ids) == ("outcome", "partly", ("x", "y"))
    assert (outcome.user, outcome.conversation, outcome.contact_id) == ("anna", "c1", "7")
    assert outcome.personal == {
        "after": {"city": "Vejle"}, "overwritten": {"phone": "1"}, "replaced": {"zip": "2"}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "code", "then", "stands"),
    [
        ("unknown", None, "applied", "applied"),
        ("unknown", None, "refused", "refused"),
        ("refused", "write_cut_off", "applied", "applied"),
        ("refused", "write_cut_off", "partly", "partly"),
        ("refused", "write_cut_off", "gone", "refused"),
        ("refused", "invalid", "applied", "refused"),
        ("applied", None, "unknown", "applied"),
        ("stale", None, "applied", "stale"),
    ],
)
async def test_which_outcome_stands(ledger: Ledger, first: Any, code: str | None, then: Any, stands: str) -> None:
    """The first outcome stands unless it was unknown, or a conclusion that the write turns out to have outlived."""
    each = change("a")
    assert await ledger.claim(each, BY, per_hour=100)
    await ledger.finish(Outcome(first, each, error=errors.error_from(code, {}) if code else None))
    await ledger.finish(Outcome(then, each))
    found = await ledger.entry(each)
    assert found is not None and found.outcome is not None
    assert found.status == stands
    assert (await trail(ledger))[-1].outcome == stands


async def test_a_claim_is_made_once_by_digest_and_by_id(ledger: Ledger) -> None:
    """Neither the same change nor another of the same id is claimed twice, and the first one is what is known."""
    each = change("a")
    other = each.model_copy(update={"display": "x"})
    assert await ledger.claim(each, BY, per_hour=100)
    assert not await ledger.claim(each, BY, per_hour=100)
    assert not await ledger.claim(other, BY, per_hour=100)
    assert not await ledger.claim(each.model_copy(update={"display": "x"}), Actor("bo", "c2"), per_hour=100)
    found = await ledger.entry(other)
    assert found is not None and found.change == each
    assert await ledger.entry(change("b")) is None
    assert await ledger.by_id("b") is None
    assert [e.kind for e in await trail(ledger)] == ["claimed"]


async def test_a_lease_is_free_where_its_claim_could_not_be_kept(ledger: Ledger) -> None:
    """A claim, or a take-over, that the disk has no room for keeps nobody from the next one."""
    await finished(ledger, [change("before")])  # the tables are there
    with no_room(), pytest.raises(errors.StoreError):
        await ledger.claim(change("a"), BY, per_hour=9)
    assert await ledger.claim(change("a"), BY, per_hour=9)
    await ledger.let_go(change("a"))
    judged = await ledger.by_id("a")
    assert judged is not None
    with no_room(), pytest.raises(errors.StoreError):
        await ledger.take_over(change("a"), judged)
    assert await ledger.take_over(change("a"), judged)


async def test_questions_are_answered_while_a_write_waits(ledger: Ledger) -> None:
    """While another program holds the file, claims wait for it and reads do not."""
    await finished(ledger, [change("a")])
    with closing(sqlite3.connect(ledger.database.path, isolation_level=None)) as holder:
        holder.execute("begin immediate")
        claiming = asyncio.create_task(ledger.claim(change("b"), BY, per_hour=9))
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(ledger.undone("a"), patiently(5)) is False
        assert not claiming.done()
        holder.execute("rollback")
    assert await claiming


async def test_the_hours_limit_is_each_users_own(ledger: Ledger) -> None:
    """A user at the limit is refused with it, and claims nothing; another user, and the next hour, are free."""
    for name in "ab":
        assert await ledger.claim(change(name), BY, per_hour=2)
    with pytest.raises(errors.TooManyChanges) as raised:
        await ledger.claim(change("c"), BY, per_hour=2)
    assert raised.value.params == {"limit": 2}
    assert await ledger.entry(change("c")) is None
    assert await ledger.claim(change("d"), Actor("bo", "c1"), per_hour=2)
    old = "2026-01-01T00:00:00.000+00:00"
    older = "update changes set claimed_at = ? where change_id = 'a'"
    await ledger.database.do(lambda db: db.exec_driver_sql(older, (old,)))
    assert await ledger.claim(change("c"), BY, per_hour=2)


def test_moments_are_kept_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment stands to the millisecond in UTC, so that moments compare as text, also on a machine in Copenhagen."""
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    try:
        assert iso(datetime(2026, 7, 1, 10, 0, 0, 123_456, UTC)) == "2026-07-01T10:00:00.123+00:00"
        assert abs(datetime.fromisoformat(stamp()) - datetime.now(UTC)).total_seconds() < 60
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_only_what_was_written_for_a_user_is_listed(ledger: Ledger) -> None:
    """Lists hold what was applied, wholly or in part, for this user: everywhere since then, or in this conversation."""
    await finished(ledger, [change("a")])
    await finished(ledger, [change("b")], "partly", Actor("anna", "c2"))
    await finished(ledger, [change("c")], "refused")
    await finished(ledger, [change("d")], actor=Actor("bo", "c1"))
    found = [await ledger.by_id(name) for name in "ab"]
    assert found[0] is not None and found[0].finished_at is not None
    since, day = found[0].finished_at, timedelta(days=1)
    assert await ledger.applied_between(since, since + day, BY, most=9) == (found, 2, 0)
    assert await ledger.applied_between(since, since + day, BY, most=1) == (found[1:], 2, 0)
    assert await ledger.applied_between(since - day, since, BY, most=9) == ([], 0, 0)
    assert await ledger.applied_here(BY) == found[:1]
    await finished(ledger, [change("e")])
    assert [entry.change.id for entry in await ledger.applied_here(BY) if entry.change] == ["a", "e"]


async def test_what_was_written_of_somebody_is_found_by_name(ledger: Ledger) -> None:
    """By each word of a name or address, before the change and after it, the newest first, and the user's own only."""
    given: Any = {
        "display": "Mette Holm",
        "rows": (Row(property="email", before="MH@old.example", after="mh@x.example"),),
    }
    for number in range(60):  # more than are read at once
        await finished(ledger, [change(f"m{number}", **({} if number else given))])
    await finished(ledger, [change("bo", display="Mette Holm")], actor=Actor("bo", "c1"))
    await finished(ledger, [change("refused", display="Mette Holm")], "refused")

    async def named(name: str) -> list[str]:
        return [entry.change.id async for entry in ledger.newest(BY, called=name) if entry.change]

    for name in ("Mette", "mettes holm", "Holm", "mh@old.example", "mh@x", "mh"):
        assert await named(name) == ["m0"], name
    for name in ("Lars", "Mette Lars", "x@mh", "met"):
        assert await named(name) == [], name
    assert await named("person") == [f"m{number}" for number in reversed(range(1, 60))]
    assert len(await named("")) == 60


async def test_whether_a_change_was_taken_back(ledger: Ledger) -> None:
    """A change is undone by an undo that was applied wholly and not taken back in turn."""
    await finished(ledger, [change("a"), change("b"), change("c")])
    await finished(ledger, [change("ua", action="undo", undoes="a")])
    await finished(ledger, [change("ub", action="undo", undoes="b")], "partly")
    assert [await ledger.undone(name) for name in "abc"] == [True, False, False]
    await finished(ledger, [change("uua", action="undo", undoes="ua")])
    assert [await ledger.undone(name) for name in ("a", "ua")] == [False, True]
    await finished(ledger, [change("ud", action="undo", undoes="d", kept=("city",))])
    assert await ledger.undos(["a", "b", "ua", "d"]) == {"a": "", "b": "", "ua": "wholly", "d": "partly"}


async def test_what_was_written_lately_is_remembered_unless_archived(ledger: Ledger) -> None:
    """The contacts of the last so many seconds, each as it was read back last, without those put away since."""
    await finished(ledger, [change("a"), change("b", contact="8"), change("c", action="create", contact=None)])
    await finished(ledger, [change("d")], "refused")
    await finished(ledger, [change("e"), change("f", contact="8", action="undo", undoes="b", archives=True)])
    assert [(c.id, c.properties["firstname"]) for c in await ledger.recent(60)] == [("7", "e"), ("new-c", "c")]
    assert await ledger.recent(0) == []


async def test_what_is_open_is_listed_in_its_order(ledger: Ledger) -> None:
    """Claims without an outcome, or with an unknown one, oldest first; before another claim where one is named."""
    for name in "abc":
        assert await ledger.claim(change(name), BY, per_hour=100)
    await ledger.finish(Outcome("unknown", change("a")))
    await finished(ledger, [change("d")])
    assert [e.change.id for e in await ledger.unsettled() if e.change] == ["a", "b", "c"]
    assert [e.change.id for e in await ledger.unsettled(change("c")) if e.change] == ["a", "b"]


async def test_one_at_a_time_completes_what_was_cut_off(ledger: Ledger) -> None:
    """A claim that was left is taken over by one, also in the same process, until let go; never one that is over."""
    each = change("a")
    nobodys = LedgerEntry(each, BY, datetime.now(UTC), None, None)
    assert not await ledger.take_over(each, nobodys)  # nobody claimed it
    assert await ledger.claim(each, BY, per_hour=100)
    assert not await ledger.take_over(each, nobodys)
    ledger.abandon(each)
    judged = await ledger.by_id(each.id)
    assert judged and await ledger.take_over(each, judged)
    assert not await ledger.take_over(each, judged)
    await ledger.let_go(each)
    assert not await ledger.take_over(each, judged)  # somebody tried since
    judged = await ledger.by_id(each.id)
    assert judged and await ledger.take_over(each, judged)
    await ledger.finish(Outcome("applied", each))
    assert not await ledger.take_over(each, judged)


def test_the_same_change_once_more_is_the_same_for_everybody() -> None:
    """Two runs offer the same new change for one whose claim was used up; those of two changes are two."""
    one, two = once_more(change("a")), once_more(change("b"))
    assert one == once_more(change("a"))
    assert len({one.id, two.id, "a", "b"}) == 4
