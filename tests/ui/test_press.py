"""A press of one of the greeting's buttons, over the socket that a browser has: where it goes, and what stays of it."""

import asyncio
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph.checkpoint import open_saver
from support.children import Sandbox
from support.tabs import Server, our_chat, visitor


@pytest.fixture
def chat(crm: Sandbox, tmp_path: Path) -> Iterator[Server]:
    """A chat over files of its own."""
    with our_chat(tmp_path, **crm.environment(tmp_path / "var")) as server:
        yield server


def end(server: Server, how: signal.Signals) -> None:
    server.child.send_signal(how)
    server.child.wait(20)


async def test_a_press_went_through_router_and_guide_and_is_on_disk(chat: Server, tmp_path: Path) -> None:
    """When a press is answered, its checkpoint outlives the process: the greeting's welcome, then router and guide."""
    async with visitor(chat) as tab:
        person = tab()
        await person.greeted()
        await person.answered()
        end(chat, signal.SIGKILL)
    config = {"configurable": {"thread_id": f"local:{person.thread}"}}
    async with open_saver(tmp_path / "var" / "conversations.db") as saver:
        saved = await saver.aget_tuple(config)
        assert saved is not None
        kept = [each async for each in saver.alist(config)]
    assert {"welcome", "router", "guide"} <= saved.checkpoint["versions_seen"].keys()
    values = saved.checkpoint["channel_values"]
    assert values["desk"]["intent"] == person.buttons[0]["payload"]["choice"]
    assert [message.text for message in values["messages"] if message.type == "ai"] == person.replies
    assert len(kept) == 2, "the turn's own checkpoint, and the one that it began from"


async def test_people_who_press_at_once_are_all_answered(chat: Server, tmp_path: Path) -> None:
    """Everybody who presses at one moment gets their own answer, and an orderly end loses nothing of it."""
    async with visitor(chat) as tab:
        people = [tab() for _ in range(12)]
        for person in people:
            await person.greeted()
        await asyncio.gather(*(person.answered() for person in people))
        assert {len(person.replies) for person in people} == {2}
        assert len({person.thread for person in people}) == 12
        end(chat, signal.SIGTERM)  # what the chat showed is written behind the answer
    with closing(sqlite3.connect(tmp_path / "var" / "chat.db")) as db:
        for person in people:
            query = 'select type, output from steps where "threadId" = ? order by "createdAt"'
            said = db.execute(query, (person.thread,)).fetchall()
            assert [output for kind, output in said if kind == "assistant_message"] == person.replies
            assert [output for kind, output in said if kind == "user_message"] == [person.buttons[0]["label"]]
            named = db.execute('select name, "userIdentifier" from threads where id = ?', (person.thread,)).fetchone()
            assert named == (person.buttons[0]["label"], "local")
