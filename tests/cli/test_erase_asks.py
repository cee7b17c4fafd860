"""``make erase`` shows what it would erase, and erases it only where somebody says yes."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from support.aged import holds, rows
from support.children import ROOT, Sandbox, clean_environment

METTE, OTHER = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
Erase = Callable[..., tuple[int, str]]
Write = Callable[..., Awaitable[None]]


async def test_without_a_yes_a_script_erases_nothing(erase: Erase, write: Write, crm: Sandbox, folder: Path) -> None:
    """Where nobody can be asked, what was looked for and the count of each place are shown, and all of it stays."""
    await write(f"ret by på {METTE} til Hemmelby")
    status, said = erase("--email", METTE, yes=False)
    assert status == 2
    assert METTE in said.splitlines()[0]
    assert "audit trail (ledger.db): the values of 2 lines" in said
    assert "changes (ledger.db): the values of 1" in said
    assert "conversations (conversations.db): 1" in said
    assert "conversations (chat.db): 0" in said
    assert "Nothing was erased" in said
    assert "--yes" in said
    assert rows(folder, "select count(*) from personal") == [(2,)]
    assert "Hemmelby" in rows(folder, "select change from changes")[0][0]
    assert rows(folder, "select distinct thread_id from checkpoints", "conversations.db") == [("local:0",)]
    assert erase("--email", METTE)[0] == 0
    assert holds(folder, "Hemmelby") == []


async def test_mentions_are_shown_before_they_go(erase: Erase, write: Write, crm: Sandbox, folder: Path) -> None:
    """With --mentions, the lines and changes of others are among what is shown, and stay until somebody says yes."""
    contact = crm.create(email="grethe@nordlys.example", firstname="Grethe", lastname="Uniksen")
    await write(f"ret adresse på {OTHER} til c/o Grethe Uniksen")
    assert "changes (ledger.db): the values of 0" in erase("--contact", contact, yes=False)[1]
    status, said = erase("--contact", contact, "--mentions", yes=False)
    assert (status, "changes (ledger.db): the values of 1" in said) == (2, True), said
    assert "Grethe Uniksen" in rows(folder, "select change from changes")[0][0]


def test_where_there_is_nothing_nobody_is_asked(erase: Erase) -> None:
    """A person of whom nothing is kept needs no yes."""
    assert erase("--email", "nobody@nordlys.example", yes=False)[0] == 0


@contextmanager
def at_a_terminal(live: dict[str, str], *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """The command at a terminal, asking; and the terminal's other end."""
    keyboard, screen = os.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "cli.erase", *arguments], cwd=ROOT, env=clean_environment(**live, LC_ALL="en_GB"),
            stdin=screen, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            # tests that run in the background have it ignored, and so would the child
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as child:  # fmt: skip
            assert child.stdout is not None
            said = ""
            while "(yes/no):" not in said:
                piece = child.stdout.read(1)
                assert piece, said
                said += piece
            assert "Found among the conversations" in said
            yield child, keyboard
    finally:
        os.close(keyboard)
        os.close(screen)


def interrupt(child: "subprocess.Popen[str]") -> None:
    """Press Ctrl-C until the command ends: between the prompt and the reading, Python notes a signal and reads on."""
    for _ in range(30):
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(1)
            return


@pytest.mark.parametrize("answer", ["yes\n", "no\n", "\n", "\x04", "Ctrl-C"])
async def test_a_person_is_asked(write: Write, live: dict[str, str], crm: Sandbox, folder: Path, answer: str) -> None:
    """At a terminal a yes erases; anything else, the end of input and Ctrl-C erase nothing, with status 2."""
    await write(f"ret by på {METTE} til Hemmelby")
    with at_a_terminal(live, "--email", METTE) as (child, keyboard):
        if answer == "Ctrl-C":
            interrupt(child)
        else:
            os.write(keyboard, answer.encode())
        said, _ = child.communicate(timeout=60)
    erased = answer == "yes\n"
    assert (child.returncode, "Nothing was erased" in said, "Traceback" in said) == (
        0 if erased else 2,
        not erased,
        False,
    )
    assert (holds(folder, "Hemmelby") == []) == erased
