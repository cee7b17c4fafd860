"""The chain of the audit trail: what breaks it, what does not, and what the command prints of it."""

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from cli.audit import main
from crm.store.audit import Event, Verdict, append, events, verify
from crm.store.engine import connect_to_read, opened, transaction
from support.children import ROOT, clean_environment
from support.patience import patiently

ROWS = [{"property": "phone", "before": None, "after": "+4522334455", "source": "user"}]


def event(number: int, **changes: Any) -> Event:
    given = {
        "kind": "proposed",
        "user": "mette@nordlys.example",
        "conversation": f"mette@nordlys.example:{number}",
        "change_id": f"change-{number}",
        "digest": f"digest-{number}",
        "action": "update",
        "contact_id": str(number),
        "personal": {"display": f"Person {number}", "rows": ROWS, "words": "=1+1"},
    }
    return Event(**given | changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger with a trail of six lines; every other one has personal values."""
    path = tmp_path / "ledger.db"
    with closing(opened(path)) as db, transaction(db):
        for number in range(1, 7):
            append(db, event(number) if number % 2 else event(number, kind="decided", personal=None))
    return path


def tamper(file: Path, script: str) -> None:
    """Changes the file behind the assistant's back."""
    with closing(sqlite3.connect(file)) as db:
        db.executescript(script)


def verified(file: Path) -> Verdict:
    with closing(connect_to_read(file)) as db:
        return verify(db)


@pytest.fixture
def db(file: Path) -> Iterator[Connection]:
    with closing(connect_to_read(file)) as connection:
        yield connection


@dataclass(frozen=True)
class Said:
    """What the command printed, and its status."""

    status: int
    out: str
    err: str


Audit = Callable[..., Said]


@pytest.fixture
def audit(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Runs the command in this process: another would cost half a second each time."""

    def run(file: Path, *arguments: str) -> Said:
        # as poor as a terminal can be
        with open(1, "w", encoding="ascii", closefd=False) as out, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", out)
            status = main([*arguments, "--file", str(file)])
        said = capfdbinary.readouterr()
        return Said(status, said.out.decode("utf-8"), said.err.decode("utf-8"))

    return run


INSERTED = """
    create temp table t as select * from trail where seq = 6;
    update t set seq = 7;
    insert into trail select * from t;
"""
SWAPPED = """
    update trail set seq = 103 where seq = 4;
    update trail set seq = 4 where seq = 3;
    update trail set seq = 3 where seq = 103;
"""
TAMPERED = {
    "a changed line": ("update trail set user = 'another' where seq = 3", 3),
    "a changed outcome": ("update trail set outcome = 'approve' where seq = 4", 4),
    "a deleted line": ("delete from trail where seq = 3", 4),
    "a deleted first line": ("delete from trail where seq = 1", 2),
    "an inserted line": (INSERTED, 7),
    "swapped lines": (SWAPPED, 3),
    "a changed value": ("update personal set data = replace(data, '4455', '4466') where contact_id = '3'", 3),
    "a changed salt": ("update personal set salt = 'x' where contact_id = '5'", 5),
    "values of another line": (
        "update trail set personal_id = (select personal_id from trail where seq = 1) where seq = 3",
        3,
    ),
    "values where there were none": ("update trail set personal_id = 1 where seq = 2", 2),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_breaks_the_chain(file: Path, how: str, audit: Audit) -> None:
    """Whatever is changed, deleted, inserted or swapped, verification names the first line that does not fit."""
    script, line = TAMPERED[how]
    assert verified(file).broken is None
    tamper(file, script)
    assert verified(file).broken == line
    done = audit(file, "verify")
    assert (done.status, f"line {line} " in done.out) == (1, True)


def test_values_that_were_deleted_are_no_erasure(file: Path, audit: Audit) -> None:
    """Values that are gone without a line that says so are told, with the first line that they are missing from."""
    tamper(file, "delete from personal where contact_id in ('3', '5')")
    assert (verified(file).broken, verified(file).why) == (3, "values")
    done = audit(file, "verify")
    assert (done.status, "BROKEN: the values of line 3 are gone" in done.out) == (1, True)


def test_an_erasure_names_the_lines(file: Path, audit: Audit) -> None:
    """Values that a line says were erased may be gone, and those alone; an erasure speaks of earlier lines only."""
    head = verified(file).head
    with closing(opened(file)) as db, transaction(db):
        append(db, event(0, kind="erased", contact_id="", personal=None, lines="3"))
    tamper(file, "delete from personal where contact_id = '3'")
    verdict = verified(file)
    assert (verdict.broken, verdict.erased, verdict.head != head) == (None, 1, True)
    with closing(connect_to_read(file)) as db:
        assert [e.personal is None for e in events(db)] == [False, True, True, True, False, True, True]
    assert "1 had their personal values erased" in audit(file, "verify").out
    assert "values of lines 3" in audit(file, "--kind", "erased").out
    tamper(file, "delete from personal where contact_id = '5'")
    assert verified(file).broken == 5
    with closing(opened(file)) as db, transaction(db):
        append(db, event(0, kind="erased", personal=None, lines="7-9"))
        append(db, event(9))
    tamper(file, "delete from personal where id = 9")
    assert verified(file).broken == 5


def test_values_that_were_moved_to_another_contact(file: Path) -> None:
    """The contact that values are about is held against their line: an erasure by contact would miss them."""
    tamper(file, "update personal set contact_id = '9' where contact_id = '3'")
    assert verified(file).broken == 3


def test_a_trail_that_was_cut_off_is_seen_with_its_head(file: Path, audit: Audit) -> None:
    """The newest lines can be cut off unseen, unless somebody kept the head that was printed before."""
    head = audit(file, "verify").out.split()[-1]
    assert audit(file, "verify", "--head", head).status == 0
    tamper(file, "delete from trail where seq = 6")
    assert audit(file, "verify").status == 0
    assert audit(file, "verify", "--head", head).status == 1


def test_two_processes_keep_one_chain(file: Path) -> None:
    """Lines that two processes append at the same time stand in one unbroken chain."""
    script = (
        "import sys; from pathlib import Path; from crm.store.audit import Event, append;"
        "from crm.store.engine import opened, transaction\n"
        "db = opened(Path(sys.argv[1]))\n"
        "for n in range(100):\n"
        "    with transaction(db):\n"
        "        append(db, Event(kind='decided', user=sys.argv[2], conversation='c', change_id=str(n), digest='d',"
        " action='update', personal={'n': n}))\n"
    )
    command = [sys.executable, "-c", script, str(file)]
    children = [subprocess.Popen([*command, name], cwd=ROOT) for name in "ab"]
    assert [child.wait(60) for child in children] == [0, 0]
    with closing(connect_to_read(file)) as db:
        assert (verify(db).lines, verify(db).broken) == (206, None)
        users = [e.user for e in events(db)][6:]
    assert sorted(users) == ["a"] * 100 + ["b"] * 100


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], [1, 2, 3, 4, 5, 6]),
        (["--change", "change-4"], [4]),
        (["--contact", "5"], [5]),
        (["--kind", "decided"], [2, 4, 6]),
        (["--kind", "decided", "--contact", "2"], [2]),
        (["--user", "nobody"], []),
        (["--conversation", "mette@nordlys.example:3"], [3]),
        (["--outcome", "applied"], []),
        (["--since", "2020-01-01", "--until", "2020-12-31"], []),
        (["--since", "2020-01-01T00:00+01:00"], [1, 2, 3, 4, 5, 6]),
        (["--until", "2020-01-01"], []),
    ],
)
def test_the_list_is_filtered(file: Path, filters: list[str], expected: list[int], audit: Audit) -> None:
    """Every filter names the lines that it says, the newest last."""
    listed = audit(file, "--format", "jsonl", *filters)
    assert [json.loads(line)["seq"] for line in listed.out.splitlines()] == expected
    assert listed.err == ""


def test_today_is_included_in_until_today(file: Path, db: Connection, audit: Audit) -> None:
    """A date as the end of a period is included, as the start as well; a moment as the end is not."""
    # noon of this very date wherever the machine stands
    day = db.exec_driver_sql("select date(at, 'localtime') from trail").scalars().first()
    assert len(audit(file, "--since", day, "--until", day).out.splitlines()) == 6
    at = db.exec_driver_sql("select at from trail where seq = 6").scalar_one()
    assert "change-6" not in audit(file, "--until", at).out


def test_the_list_is_for_terminals(tmp_path: Path, audit: Audit) -> None:
    """A line of text holds who, what, before and after; control characters in it are escaped."""
    path = tmp_path / "ledger.db"
    with closing(opened(path)) as db, transaction(db):
        rows = [{"property": "city", "before": "A\x1b[2J", "after": "B\u202e\nC", "source": "user"}]
        append(db, event(1, personal={"display": "Mette \ud83d", "rows": rows, "words": "ret byen"}))
    (line,) = audit(path).out.splitlines()
    for part in ("mette@nordlys.example", "proposed update", "ret byen", r"A\x1b[2J", r"B\u202e\nC", r"Mette \ud83d"):
        assert part in line


def test_csv_neutralises_formulas(file: Path, audit: Audit) -> None:
    """The export is UTF-8 CSV in which no cell begins like a formula; one apostrophe less gives the value back."""
    (first, *_) = csv.DictReader(io.StringIO(audit(file, "--format", "csv").out, newline=""))
    assert (first["words"], first["after"], first["before"]) == ("'=1+1", "'+4522334455", "")
    assert (first["name"], first["property"], first["source"]) == ("Person 1", "phone", "user")


@pytest.mark.parametrize("kind", ["text", "csv", "jsonl"])
def test_the_mask_hides_who_it_is_about(file: Path, kind: str, audit: Audit) -> None:
    """Masked, every format keeps ids and properties and holds no value, name, word or user."""
    said = audit(file, "--mask", "--format", kind).out
    for personal in ("mette", "Person 1", "4522334455", "=1+1"):
        assert personal not in said
    for kept in ("change-1", "phone", "user1"):
        assert kept in said


@pytest.mark.parametrize("content", [None, b"no database at all, but long enough to be one" * 100, b""])
def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None, audit: Audit) -> None:
    """A file that is missing or no ledger ends with status 2 and a sentence, and is not made."""
    path = tmp_path / "none.db"
    if content is not None:
        path.write_bytes(content)
    done = audit(path)
    assert (done.status, done.out) == (2, "")
    assert "cannot be read" in done.err
    assert "Traceback" not in done.err
    assert path.exists() == (content is not None)


def test_the_operators_command_knows_the_file(file: Path) -> None:
    """``python -m cli.audit`` reads the ledger that the settings name, and passes its arguments on."""
    environment = clean_environment(ASSISTANT_DATABASE_URL=f"sqlite:///{file.parent}")
    command = [sys.executable, "-m", "cli.audit", "verify"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    assert (done.returncode, done.stdout[:11]) == (0, "ok: 6 lines"), done.stderr


def test_the_settings_are_read_when_it_runs(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """What the environment says counts at the call, not at the import."""
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", f"sqlite:///{file.parent}")
    with open(1, "w", encoding="utf-8", closefd=False) as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["verify"]) == 0


def test_wrong_settings_are_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings that cannot be used end with status 2, and with what is wrong about them."""
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", "postgresql://x")
    assert main(["verify"]) == 2
    assert "ASSISTANT_DATABASE_URL" in capsys.readouterr().err
