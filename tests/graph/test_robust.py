"""Values and inputs that nobody expects: nothing sticks, nothing is hidden."""

import stat
from pathlib import Path
from typing import Any

import pytest
from langgraph.errors import is_invalid_resume

from graph import open_assistant
from settings import Settings
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"


@pytest.mark.parametrize("value", ["<'lang note " * 300, "x" * 3_000, "[a](b) " * 500])
async def test_a_long_value_is_written_and_told(talk: Talk, crm: Sandbox, value: str) -> None:
    """A very long value is written, the report cuts it, and the conversation goes on."""
    await talk.say(f'ret besked på {METTE} til "{value}"')
    assert "er opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")
    await talk.say(f"ret besked på {METTE} til ring")
    assert "Besked er nu ring" in await talk.decide("approve")


async def test_a_long_name_does_not_break_lists(talk: Talk, crm: Sandbox) -> None:
    """Contacts with very long texts are listed, cut."""
    crm.create(email="lang@nordlys.example", firstname="A" * 3_000, company="B " * 2_000)
    assert "AAAA" in await talk.say("find lang@nordlys.example")


async def test_only_the_inputs_of_the_contract_are_taken(talk: Talk) -> None:
    """A key of the state that is no input is ignored, and the conversation goes on."""
    await talk.open()
    await talk.graph.ainvoke({"card": {"id": "x"}, "choice": "search"}, talk.config)
    assert (await talk.values()).get("card") is None
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")


@pytest.mark.parametrize("status", [429, 401, 403])
async def test_a_card_waits_again_when_hubspot_did_nothing(talk: Talk, crm: Sandbox, status: int) -> None:
    """A write that HubSpot turned away without doing it can be approved again."""
    await talk.say(f"ret stilling på {METTE} til CFO")
    crm.fail(match={"method": "PATCH"}, status=status, times=None)
    assert "er ikke skrevet" in await talk.decide("approve")
    assert talk.card is not None
    crm.control("DELETE", "faults")
    assert "er opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1


async def test_an_approval_has_nothing_but_the_approval(talk: Talk, crm: Sandbox) -> None:
    """Values beside an approval, or acknowledgements that nobody asked for, are refused."""
    await talk.say(f"ret stilling på {METTE} til CFO")
    for more in ({"values": {"jobtitle": "x"}}, {"acknowledge": ["bogus"]}, {"contact_id": "1"}):
        with pytest.raises(Exception) as refused:
            await talk.decide("approve", **more)
        assert is_invalid_resume(refused.value)
    assert crm.writes() == []


async def test_too_many_proposals_are_told(opener: Any, crm: Sandbox) -> None:
    """Of 25 proposals in one message 20 are on the card, and the rest are named."""
    many = tuple(
        ToolCall("create_contact", {"properties": {"email": f"n{n}@nordlys.example"}}, id=f"c{n}") for n in range(25)
    )
    with FakeOpenAI([Reply(tool_calls=many)]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            talk = Talk(graph)
            assert "n20@nordlys.example, n21@nordlys.example" in await talk.say("opret 25")
            assert talk.card is not None
            assert len(talk.card["changes"]) == 20


async def test_words_beside_a_call_are_not_said(opener: Any) -> None:
    """A model that claims a write beside proposing it is not quoted."""
    call = ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}})
    with FakeOpenAI([Reply(text="Jeg har opdateret Mette!", tool_calls=(call,))]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            talk = Talk(graph)
            assert await talk.say("gør hende til CFO") == ""
            assert talk.card is not None


async def test_a_model_shows_no_image_and_hides_no_link(opener: Any) -> None:
    """Images and links in the words of a model are shown as they are written."""
    with FakeOpenAI([says(r"Se ![x](http://evil.example/a.png) og \\[her](http://evil.example)")]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            reply = await Talk(graph).say("hej")
    assert reply == r"Se !\[x](http://evil.example/a.png) og \\\[her](http://evil.example)"


async def test_calls_without_an_id_are_run(opener: Any) -> None:
    """A provider that gives its calls no id is understood."""
    with FakeOpenAI([calls(ToolCall("search_contacts", {"query": METTE}, id=None)), says("Her.")]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            assert "1. **Mette Hansen**" in await Talk(graph).say("find hende")


async def test_what_is_kept_is_for_its_owner_only(crm: Sandbox, tmp_path: Path) -> None:
    """The folder of conversations and ledger is closed to other accounts of the machine."""
    folder = tmp_path / "kept"
    settings = Settings(
        _env_file=None,
        hubspot_access_token="pat-eu1-sandbox",
        hubspot_api_url=crm.url,
        database_url=f"sqlite:///{folder}",
    )
    async with open_assistant(settings) as graph:
        await Talk(graph).open()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
