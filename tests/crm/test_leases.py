"""Who is at work on a change: known of a process that lives, of one that died, and of one that nobody knows."""

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from crm.domain.actor import Actor
from crm.domain.change import Change, Row
from crm.domain.ledger_entry import LedgerEntry
from crm.domain.outcome import Outcome
from crm.store import leases
from crm.store.engine import Database
from crm.store.leases import Leases
from crm.store.ledger import Ledger
from crm.write import reconcile
from support.children import ROOT, clean_environment

CHANGE = Change(
    id="a", action="update", contact_id="7", display="x", rows=(Row(property="city", before=None, after="Ribe"),)
)
BY = Actor("local", "t")
CLAIMING = """
import asyncio, sys
from pathlib import Path
from crm.domain import Actor, Change
from crm.store.engine import Database
from crm.store.ledger import Ledger
ledger = Ledger(Database(Path(sys.argv[1])))
print(asyncio.run(ledger.claim(Change.model_validate_json(sys.argv[2]), Actor("local", "t"), per_hour=60)), flush=True)
sys.stdin.read()
"""


def claimer(path: Path) -> "subprocess.Popen[str]":
    """A process that has claimed the change, and does no more."""
    child = subprocess.Popen(
        [sys.executable, "-c", CLAIMING, str(path), CHANGE.model_dump_json()],
        cwd=ROOT, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None and child.stdout.readline() == "True\n"
    return child


async def test_a_claim_is_under_way_until_its_process_dies(tmp_path: Path) -> None:
    """While the claimer lives nobody may take its claim over; when it was killed it is seen at once, and one may."""
    path = tmp_path / "ledger.db"
    file = Database(path)
    ledger, other = Ledger(file), Ledger(file)
    with claimer(path) as child:
        alive = await ledger.entry(CHANGE)
        assert alive is not None and alive.over_at is None and reconcile.idle_seconds(alive) < -30
        assert not await ledger.take_over(CHANGE, alive)
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    dead = await ledger.entry(CHANGE)
    assert dead is not None and dead.over_at is not None and 0 <= reconcile.idle_seconds(dead) < 10
    again = await ledger.entry(CHANGE)
    assert again is not None and again.over_at == dead.over_at
    assert await ledger.take_over(CHANGE, again)
    tried = await other.entry(CHANGE)
    assert tried is not None and not await other.take_over(CHANGE, tried)
    await ledger.let_go(CHANGE)
    tried = await other.entry(CHANGE)
    assert tried is not None and await other.take_over(CHANGE, tried)
    await other.finish(Outcome("applied", CHANGE))
    assert not await ledger.take_over(CHANGE, tried)
    assert list((tmp_path / "ledger.db.claims").iterdir()) == []
    file.close()


def test_a_system_without_locks_is_not_shut_out(tmp_path: Path) -> None:
    """Where Python has no ``fcntl`` the ledger works; a change that was claimed is then over by its time only."""
    script = f"import sys; sys.modules['fcntl'] = None\n{CLAIMING}".replace("sys.stdin.read()", "")
    command = [sys.executable, "-c", script, str(tmp_path / "ledger.db"), CHANGE.model_dump_json()]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\n", done.stderr
    assert list((tmp_path / "ledger.db.claims").iterdir()) == []


async def test_an_outcome_that_is_unknown_ends_the_work(tmp_path: Path) -> None:
    """Who gave up with an unknown outcome is at work no longer, and leaves no lock behind."""
    file = Database(tmp_path / "ledger.db")
    ledger = Ledger(file)
    assert await ledger.claim(CHANGE, BY, per_hour=60)
    await ledger.finish(Outcome("unknown", CHANGE))
    entry = await ledger.entry(CHANGE)
    assert entry is not None and entry.over_at == entry.finished_at is not None
    assert list((tmp_path / "ledger.db.claims").iterdir()) == []
    file.close()


async def test_who_concludes_of_anothers_claim_ends_its_lock(tmp_path: Path) -> None:
    """A lock that was left goes with the outcome that another notes; it stays where the outcome is not known."""
    file = Database(tmp_path / "ledger.db")
    ledger, other = Ledger(file), Ledger(file)
    locks = tmp_path / "ledger.db.claims"
    assert await ledger.claim(CHANGE, BY, per_hour=60)
    await other.finish(Outcome("unknown", CHANGE))
    assert [lock.name for lock in locks.iterdir()] == [CHANGE.digest]
    ledger.abandon(CHANGE)
    await other.finish(Outcome("applied", CHANGE))
    assert list(locks.iterdir()) == []
    file.close()


async def test_a_claim_without_a_lock_is_over_by_its_time_only(tmp_path: Path) -> None:
    """A claim of an earlier version, or whose lock was lost, counts as under way for as long as a write may take."""
    file = Database(tmp_path / "ledger.db")
    ledger = Ledger(file)
    assert await ledger.claim(CHANGE, BY, per_hour=60)
    for lock in (tmp_path / "ledger.db.claims").iterdir():
        lock.unlink()
    entry = await ledger.entry(CHANGE)
    assert entry is not None and entry.over_at is None and reconcile.idle_seconds(entry) < 0
    file.close()


@pytest.mark.parametrize(
    ("claimed", "over", "expected"), [(300, None, 250), (300, 5, 250), (20, 5, 5), (20, None, -30)]
)
def test_how_long_nobody_has_been_at_work(claimed: int, over: int | None, expected: int) -> None:
    """The earlier of two counts: that the claimer was seen to be gone, or that it cannot be at work any more."""
    now = datetime.now(UTC)
    over_at = None if over is None else now - timedelta(seconds=over)
    entry = LedgerEntry(CHANGE, BY, now - timedelta(seconds=claimed), over_at=over_at)
    assert reconcile.idle_seconds(entry) == pytest.approx(expected, abs=1)


def test_locks_of_one_folder(tmp_path: Path) -> None:
    """One holder at a time, also within a process; what nobody ever held, or somebody holds, is not known as free."""
    one, other = Leases(tmp_path / "locks"), Leases(tmp_path / "locks")
    assert one.free_since("x") is None
    assert one.take("x") and not one.take("x")
    assert not other.take("x")
    assert (one.free_since("x"), other.free_since("x")) == (None, None)
    other.end("x")
    assert not other.take("x")
    one.end("x")
    assert other.take("x")
    one.end("x", others=True)
    assert one.free_since("x") is None
    other.end("x")


def test_locks_are_this_users_alone(tmp_path: Path) -> None:
    """Nobody else on the machine can look at the locks, or into their folder."""
    holder = Leases(tmp_path / "locks")
    before = os.umask(0)
    try:
        assert holder.take("x")
    finally:
        os.umask(before)
    modes = [S_IMODE(path.stat().st_mode) for path in (tmp_path / "locks", tmp_path / "locks" / "x")]
    assert modes == [0o700, 0o600]
    holder.end("x")


def test_where_files_cannot_be_locked_nobody_holds_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without locks a claim is held by nobody, and no file says that its holder is gone."""

    def refuse(file: int, *, wait: bool = False) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(leases, "_lock", refuse)  # no such file system is at hand
    holder = Leases(tmp_path)
    assert not holder.take("x")
    assert list(tmp_path.iterdir()) == []
    assert holder.free_since("x") is None


def test_what_is_dropped_is_free_as_after_a_crash(tmp_path: Path) -> None:
    """Who drops a lock, as a run does that is stopped, leaves it for others to see since when, and to take."""
    one, other = Leases(tmp_path), Leases(tmp_path)
    one.drop("x")
    assert one.take("x")
    one.drop("x")
    assert other.free_since("x") is not None
    assert one.take("x")
    one.end("x")


def test_a_lock_without_a_holder_is_free_since_it_was_first_seen(tmp_path: Path) -> None:
    """The moment is the same for whoever looks later, also after a restart, until somebody takes it again."""
    (tmp_path / "x").touch()
    os.utime(tmp_path / "x", (0, 0))  # taken long ago
    seen = Leases(tmp_path).free_since("x")
    assert seen is not None and abs(datetime.now(UTC) - seen) < timedelta(minutes=1)
    assert Leases(tmp_path).free_since("x") == seen
    holder = Leases(tmp_path)
    assert holder.take("x") and Leases(tmp_path).free_since("x") is None
    assert (tmp_path / "x").stat().st_size == 0
    holder.end("x")
