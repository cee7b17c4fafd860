"""Limits: changes per card and per hour, calls and tokens of the model per user and day; tracing by our own switch."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langsmith.utils import get_env_var, tracing_is_enabled

from graph.tracing import TRACING
from settings import Settings
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
SPENT = "Dagens forbrug af sprogmodellen er brugt op"


def used(folder: Path, user: str = "local") -> tuple[int, int]:
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        found = db.execute("select sum(model_calls), sum(tokens) from usage where user = ?", (user,)).fetchone()
    return tuple(found)


async def test_past_the_calls_of_a_day_the_guided_model_answers(opener: Any, server: FakeOpenAI) -> None:
    """A user who has used up the day's calls is answered by the guided model with a sentence; another user is not."""
    server.script = lambda request: says("Hej fra modellen.")
    async with opener(openai_base_url=server.base_url, model_calls_per_day=2) as graph:
        mine, other = Talk(graph, user="a"), Talk(graph, "other", user="b")
        assert await mine.say("hej") == await mine.say("hej igen") == "Hej fra modellen."
        reply = await mine.say(f"find {METTE}")
        assert SPENT in reply
        assert "1. **Mette Hansen**" in reply
        assert len(server.requests) == 2
        assert await other.say("hej") == "Hej fra modellen."


async def test_past_the_tokens_of_a_day_the_guided_model_answers(
    opener: Any, server: FakeOpenAI, tmp_path: Path
) -> None:
    """The tokens that the provider reports are counted; past the cap the guided model proposes, and says so."""
    server.script = lambda request: says("Hej.")
    async with opener(openai_base_url=server.base_url, tokens_per_day=1) as graph:
        talk = Talk(graph)
        assert await talk.say("hej") == "Hej."
        assert used(tmp_path) == (1, 101)  # as the server says
        assert SPENT in await talk.say(f"ret stilling på {METTE} til CFO")
        assert talk.rows == {"jobtitle": ("Salgschef", "CFO")}


async def test_the_caps_outlive_a_restart(opener: Any, server: FakeOpenAI) -> None:
    """What was used before a restart still counts after it."""
    server.script = lambda request: says("Hej.")
    changes = {"openai_base_url": server.base_url, "model_calls_per_day": 1}
    async with opener(**changes) as graph:
        assert await Talk(graph).say("hej") == "Hej."
    async with opener(**changes) as graph:
        assert SPENT in await Talk(graph, "another").say("hej")


async def test_a_new_day_begins_at_nothing(opener: Any, server: FakeOpenAI, tmp_path: Path) -> None:
    """Yesterday's calls do not count today."""
    server.script = lambda request: says("Hej.")
    async with opener(openai_base_url=server.base_url, model_calls_per_day=1) as graph:
        await Talk(graph, "yesterday").say("hej")
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
            db.execute("update usage set day = date(day, '-1 day')")
            db.commit()
        assert await Talk(graph).say("hej") == "Hej."


async def test_without_a_cap_everything_is_counted_and_nothing_refused(
    opener: Any, server: FakeOpenAI, tmp_path: Path
) -> None:
    """0 means no cap; a failed call counts with what was sent, and the guided model alone counts nothing."""
    server.script = [calls(ToolCall("search_contacts", {"query": METTE})), says("Her."), Reply(status=401)]
    async with opener(openai_base_url=server.base_url, model_calls_per_day=0, tokens_per_day=0) as graph:
        talk = Talk(graph)
        await talk.say("find hende")
        before = used(tmp_path)
        assert "Sprogmodellen svarer ikke" in await talk.say("hej")
        assert used(tmp_path)[0] == before[0] + 1 == 3
        assert used(tmp_path)[1] > before[1] + 500
    async with opener() as graph:
        await Talk(graph, "guided").say("hej")
    assert used(tmp_path)[0] == 3


async def test_a_provider_that_counts_nothing_is_estimated(opener: Any, tmp_path: Path) -> None:
    """Where an answer says nothing of tokens, they are estimated from what was sent and answered."""
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    from graph import open_assistant

    class Silent(GenericFakeChatModel):
        def bind_tools(self, tools: Any, **options: Any) -> Any:
            return self

    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}")
    async with open_assistant(settings, model=Silent(messages=iter([AIMessage("Hej.")]))) as graph:
        assert await Talk(graph).say("hej") == "Hej."
    assert used(tmp_path)[1] > 500


async def test_changes_per_hour(opener: Any, crm: Sandbox) -> None:
    """A user's changes of an hour are limited in all conversations together; the card waits, and others go on."""
    async with opener(changes_per_hour=2) as graph:
        for number, thread in enumerate(("one", "two")):
            talk = Talk(graph, thread, user="a")
            await talk.say(f"ret stilling på {METTE} til Chef {number}")
            assert "er opdateret" in await talk.decide("approve")
        third = Talk(graph, "three", user="a")
        await third.say(f"ret stilling på {METTE} til CFO")
        assert "grænsen på 2 ændringer i timen" in await third.decide("approve")
        assert third.card is not None
        assert len(crm.writes()) == 2
        other = Talk(graph, "four", user="b")
        await other.say(f"ret stilling på {METTE} til CFO")
        assert "er opdateret" in await other.decide("approve")


@pytest.mark.parametrize("limit", [1, 3, 12])
async def test_changes_per_card(opener: Any, server: FakeOpenAI, limit: int) -> None:
    """A card holds as many changes as the setting says, and everybody who did not fit is named."""
    many = (
        ToolCall("create_contact", {"properties": {"email": f"n{n}@nordlys.example"}}, id=f"c{n}") for n in range(14)
    )
    server.script = [Reply(tool_calls=tuple(many))]
    async with opener(openai_base_url=server.base_url, changes_per_card=limit) as graph:
        talk = Talk(graph)
        said = await talk.say("opret mange")
        left_out = ", ".join(f"n{n}@nordlys.example" for n in range(limit, 14))
        assert f"højst {limit} ændringer" in said and left_out in said
        assert talk.card is not None
        assert len(talk.card["changes"]) == limit


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_CHANGES_PER_CARD", "0"),
        ("ASSISTANT_CHANGES_PER_HOUR", "-1"),
        ("ASSISTANT_MODEL_CALLS_PER_DAY", "many"),
        ("ASSISTANT_TOKENS_PER_DAY", "-5"),
        ("ASSISTANT_RETENTION_DAYS", "-1"),
        ("ASSISTANT_MODEL_SECONDS", "0"),
        ("ASSISTANT_TURN_SECONDS", "soon"),
    ],
)
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A limit that cannot be meant is refused at the start, by its name."""
    from settings import SettingsError, load_settings

    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("set_to", "call", "turn"),
    [({}, 45, 90), ({"MODEL": "300"}, 300, 600), ({"TURN": "30"}, 45, 30), ({"MODEL": "10", "TURN": "15"}, 10, 15)],
)
def test_the_time_of_a_model(monkeypatch: pytest.MonkeyPatch, set_to: dict[str, str], call: int, turn: int) -> None:
    """A call and a turn may take as long as is set; where only a call is, a turn has room for two."""
    for name, value in set_to.items():
        monkeypatch.setenv(f"ASSISTANT_{name}_SECONDS", value)
    settings = Settings(_env_file=None)
    assert (settings.model_seconds, settings.turn_seconds) == (call, turn)


@pytest.mark.parametrize(("switch", "expected"), [(False, "false"), (True, "true")])
async def test_tracing_follows_our_switch_alone(
    opener: Any, monkeypatch: pytest.MonkeyPatch, switch: bool, expected: str
) -> None:
    """What the libraries' environment says of tracing counts only with ASSISTANT_TRACING."""
    for name in TRACING:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "unset")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    get_env_var.cache_clear()
    async with opener(tracing=switch):
        assert os.environ["LANGSMITH_TRACING"] == expected
        assert tracing_is_enabled() is switch
    get_env_var.cache_clear()
