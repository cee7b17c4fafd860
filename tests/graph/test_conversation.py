"""Around the loop: streaming, languages, the operator's words, tokens, and settings that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool

from crm.portal import open_portal
from graph import build, build_graph, open_assistant
from prompts import PromptError, load
from settings import Settings, SettingsError, load_settings
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.o200k import encoding_or_skip
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk
from tools import all_tools, is_read, step_key

METTE = "mette.hansen@nordlys.example"


async def test_a_reply_is_streamed(opener: Any) -> None:
    """The words of the model arrive piece by piece, tool steps in plain words, and the list before the reply."""
    script = [calls(ToolCall("search_contacts", {"query": METTE})), says("Her er den kontakt, som du ledte efter.")]
    with FakeOpenAI(script) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            talk = Talk(graph)
            pieces: list[str] = []
            custom: list[dict[str, Any]] = []
            given = {"messages": [{"role": "user", "content": "find Mette"}]}
            async for mode, data in graph.astream(given, talk.config, stream_mode=["messages", "custom"]):
                if mode == "custom":
                    custom.append(data)
                elif data[1]["langgraph_node"] == "agent" and data[0].text:
                    pieces.append(data[0].text)
    assert len(pieces) > 3
    assert [set(c) for c in custom] == [{"step"}, {"step"}, {"listing"}]
    assert custom[0]["step"]["text"] == f"Søger efter {METTE}"


async def test_the_reply_follows_the_language_of_the_user(talk: Talk) -> None:
    """Someone with a Danish browser who writes English is answered in English, card and result included."""
    await talk.open()
    reply = await talk.say(f"please change the job title of {METTE} to CFO")
    assert reply == ""
    assert talk.card is not None
    about = "mette.hansen@nordlys.example · Nordlys Design A/S"
    assert talk.card["changes"][0]["title"] == f"Change to Mette Hansen ({about})"
    assert "was updated" in await talk.say("yes please")
    assert "Jeg fandt" in await talk.say(f"kan du finde {METTE} igen?")


async def test_a_fixed_language_is_kept(opener: Any) -> None:
    """With ASSISTANT_LANGUAGE=da everything is said in Danish, whatever is written."""
    async with opener(language="da") as graph:
        talk = Talk(graph, language="da")
        assert "Jeg fandt" in await talk.say(f"please find {METTE} for me")


async def test_the_operators_greeting_reaches_the_chat(opener: Any, tmp_path: Path) -> None:
    """A folder of prompts named in the settings changes the greeting."""
    (tmp_path / "own" / "da").mkdir(parents=True)
    (tmp_path / "own" / "da" / "own.ftl").write_text("greeting = Goddag hos Nordlys.\n", "utf-8")
    async with opener(prompts_dir=tmp_path / "own") as graph:
        assert await Talk(graph).open() == "Goddag hos Nordlys."


def test_the_tools_are_small() -> None:
    """All tool schemas together stay under 800 tokens, with the system prompt under 1,200."""
    tokens = encoding_or_skip()
    size = len(tokens.encode(json.dumps([convert_to_openai_tool(tool) for tool in all_tools()])))
    assert size < 800
    prompt = load().system(language="Danish", desk="(empty)", today="Monday 2026-11-30 (Europe/Copenhagen)")
    assert size + len(tokens.encode(prompt)) < 1200


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_model_is_offered_writes_only_where_they_are_allowed(opener: Any, read_only: bool) -> None:
    """Read only, a model is told of the tools that read, else of all; a tool without a mark counts as a write."""
    with FakeOpenAI([says("Hej.")]) as server:
        async with opener(openai_base_url=server.base_url, read_only=read_only) as graph:
            await Talk(graph).say("hej")
    offered = {tool["function"]["name"] for tool in server.requests[0].tools}
    assert offered == {tool.name for tool in all_tools() if is_read(tool) or not read_only}
    assert {is_read(tool) for tool in all_tools()} == {True, False}
    assert not any(is_read(tool.model_copy(update={"metadata": None})) for tool in all_tools())


async def test_a_tool_without_words_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool whose sentence stands in no prompts is noticed when the graph is built, and not in a conversation."""
    unknown = all_tools()[0].model_copy(update={"name": "no_such_words"})
    monkeypatch.setattr(build, "all_tools", lambda: [unknown])  # a test adds no file to the running package
    async with open_portal(token="t", api_url="http://127.0.0.1:9", ledger=tmp_path / "l.db") as portal:
        with pytest.raises(PromptError, match=step_key("no_such_words")):
            build_graph(model=None, crm=portal)


@pytest.mark.parametrize("query", ["Hansen", "nordlys", "Mette", "Nielsen"])
async def test_a_result_costs_under_fifty_tokens_a_contact(opener: Any, crm: Sandbox, query: str) -> None:
    """What a model reads of a search is one short row for each contact."""
    tokens = encoding_or_skip()
    with FakeOpenAI([calls(ToolCall("search_contacts", {"query": query})), says("Ja.")]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            await Talk(graph).say(f"find {query}")
        rows = server.requests[1].last["content"].split("\n")[1:]
    assert rows
    assert all(len(tokens.encode(row)) < 50 for row in rows)


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"HUBSPOT_API_URL": "http://127.0.0.1:1"}, "HUBSPOT_ACCESS_TOKEN"),
        ({"ASSISTANT_DATABASE_URL": "postgresql://user:secret@host/db"}, "PostgreSQL"),
        ({"HUBSPOT_API_VERSION": "latest"}, "HUBSPOT_API_VERSION"),
        ({"ASSISTANT_LANGUAGE": "de"}, "ASSISTANT_LANGUAGE"),
        ({"ASSISTANT_REGION": "Danmark"}, "ASSISTANT_REGION"),
    ],
)
def test_wrong_settings_are_a_sentence(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], word: str) -> None:
    """What cannot be used is refused at start with the name of the setting, and without its value."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=word) as refused:
        load_settings()
    assert "secret" not in str(refused.value)


async def test_the_embedded_sandbox_answers_without_any_setting(tmp_path: Path) -> None:
    """With nothing configured the assistant starts the sandbox by itself and finds its contacts."""
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}")
    async with open_assistant(settings) as graph:
        assert "1. **Mette Hansen**" in await Talk(graph).say(f"find {METTE}")
