"""No token is ever in the audit trail, also where a user types one into the chat."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.audit import main
from crm.store.audit import events, verify
from crm.store.engine import connect_to_read
from support.children import SANDBOX_TOKEN, Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
LETTERS, NUMBER = "cdefGHIJKL0123456789mnopqrstuv", "1f0c2e6a-4b7d-4c53-9a61-0d9e8f7a6b5c"
TOKENS = [
    f"pat-na1-{NUMBER}",  # put together here: whoever looks for secrets in this tree shall find none
    f"pat-eu1-{NUMBER}",
    f"PAT-AP1-{NUMBER.upper()}",
    f"sk-ab{LETTERS}",
    f"sk-proj-Ab_1-{LETTERS}",
    SANDBOX_TOKEN,
]
HARMLESS = "risk-management-and-consulting, task-pat-na1, Pat-Hansen, sk-kort"


def exported(folder: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """All that the command prints of the trail, in every format."""
    for kind in ("text", "csv", "jsonl"):
        assert main(["list", "--format", kind, "--file", str(folder / "ledger.db")]) == 0
    return capfd.readouterr().out


def kept(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        return str(db.execute("select group_concat(data, char(10)) from personal").fetchone()[0])


@pytest.mark.parametrize("token", TOKENS)
async def test_a_token_in_a_message(
    opener: Callable[..., Any], crm: Sandbox, tmp_path: Path, capfd: pytest.CaptureFixture[str], token: str
) -> None:
    """A token beside an order, and one as a value, are struck out of words, rows and outcome; the chain holds."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(f"ret stilling på {METTE} til {token}")
        assert talk.rows["jobtitle"][1] == token
        await talk.decide("approve")
        await talk.say(f"ret by på {METTE} til Odense. Nøglen er {token}")
        assert talk.card is not None
    said = exported(tmp_path, capfd)
    assert token.casefold() not in f"{said}{kept(tmp_path)}".casefold()
    assert token.rpartition("-")[2].casefold() not in f"{said}{kept(tmp_path)}".casefold()
    assert "***" in said
    assert "Odense" in said
    with closing(connect_to_read(tmp_path / "ledger.db")) as db:
        assert verify(db).broken is None
        found = [event.personal for event in events(db) if event.personal]
    assert {row["after"] for p in found for row in p.get("rows", []) if row["property"] == "jobtitle"} == {"***"}


async def test_what_is_no_token_stays(
    opener: Callable[..., Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Words that only begin like a token, or hold its beginning, are kept as they are."""
    async with opener() as graph:
        await Talk(graph).say(f"ret stilling på {METTE} til Chef. {HARMLESS}")
    assert HARMLESS in exported(tmp_path, capfd)
