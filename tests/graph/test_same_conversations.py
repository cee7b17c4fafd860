"""The rows of the product's table again, with a language model that makes the natural calls."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langsmith.utils import get_env_var, tracing_is_enabled

from graph import open_assistant
from graph.tracing import TRACING
from settings import Settings
from support.children import Sandbox
from support.fake_openai import FakeOpenAI, Recorded
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"


def relay(request: Recorded) -> Reply:
    """What a model does with a tool's question: it passes the sentence on."""
    return says(request.last["content"].split("\n")[0])


def update(contact: str, **properties: Any) -> Reply:
    return calls(ToolCall("update_contact", {"contact": contact, "properties": properties}))


def create(**properties: Any) -> Reply:
    return calls(ToolCall("create_contact", {"properties": properties}))


def search(query: str) -> Reply:
    return calls(ToolCall("search_contacts", {"query": query}))


@pytest.fixture
async def talk(opener: Any, server: FakeOpenAI) -> AsyncIterator[Talk]:
    async with opener(openai_base_url=server.base_url) as graph:
        yield Talk(graph)


@pytest.mark.parametrize("language", ["da", "en"])
async def test_search_by_button_and_words(talk: Talk, server: FakeOpenAI, language: str) -> None:
    """The button asks no model; the words do, and the list is in the reply."""
    talk.config["configurable"]["language"] = language
    await talk.open()
    await talk.press("search")
    assert server.requests == []
    server.script = [search("Mette Hansen"), says("OK.")]
    reply = await talk.say("Mette Hansen")
    assert METTE in reply
    system = server.requests[0].messages[0]["content"]
    assert "intent: search" in system
    assert {"da": "Reply in Danish", "en": "Reply in English"}[language] in system


@pytest.mark.parametrize(("language", "done"), [("da", "er oprettet"), ("en", "was created")])
async def test_nothing_found_then_created(
    talk: Talk, server: FakeOpenAI, crm: Sandbox, language: str, done: str
) -> None:
    """No hit is told, and the contact is created after an approval."""
    talk.config["configurable"]["language"] = language
    server.script = [search("ny@nordlys.example"), says("Nej."), create(email="ny@nordlys.example")]
    await talk.say("ny@nordlys.example?")
    await talk.say("ok: ny@nordlys.example")
    assert done in await talk.decide("approve")
    assert crm.find("ny@nordlys.example")


async def test_what_is_missing_is_asked_and_kept(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """The tool asks for an email or a name; the draft on the desk keeps the rest for the next call."""
    server.script = [create(phone="22113344"), relay, create(phone="22113344", email="per@nordlys.example")]
    assert "e-mail eller et navn" in await talk.say("opret 22 11 33 44")
    await talk.say("per@nordlys.example")
    assert (
        "draft, not proposed or written: create new contact: phone=22113344"
        in server.requests[-1].messages[0]["content"]
    )
    await talk.say("ja")
    assert crm.find("per@nordlys.example")


async def test_several_fit_and_a_number_decides(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """The candidates reach the model with their ids and the user as a list; the choice is updated."""
    server.script = [update("Mette Hansen", jobtitle="CFO"), relay]
    reply = await talk.say("gør Mette Hansen til CFO")
    assert "1. **Mette Hansen**" in reply
    assert "Hvilken mener du" in reply
    shown = (await talk.values())["desk"]["shown"]
    server.script = [*server.script, update(shown[1]["id"], jobtitle="CFO")]
    await talk.say("nummer 2")
    assert "er opdateret" in await talk.say("ja")
    assert crm.get(shown[1]["id"], "jobtitle")["jobtitle"] == "CFO"


async def test_which_of_two_numbers(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """Where only the mobile number is set, a new phone number is asked about once, and then proposed."""
    call = update("mh@fjordbyg.example", phone="22334456")
    server.script = [call, relay, call]
    assert "Mener du" in await talk.say("ny telefon til mh@fjordbyg.example: 22 33 44 56")
    await talk.say("telefon")
    assert talk.rows["phone"] == (None, "+4522334456")


async def test_an_existing_email_is_told(talk: Talk, server: FakeOpenAI) -> None:
    """A create of somebody who is there is answered with who it is, and no card."""
    server.script = [create(email=METTE), relay]
    assert "findes allerede" in await talk.say(f"opret {METTE}")
    assert talk.card is None


async def test_numbers_without_quotes_are_values(talk: Talk, server: FakeOpenAI) -> None:
    """A model that writes a number where text belongs is understood."""
    server.script = [update(METTE, zip=5000)]
    await talk.say(f"postnummer 5000 til {METTE}")
    assert talk.rows["zip"][1] == "5000"


@pytest.mark.parametrize(
    "arguments",
    [
        {"contact": [METTE], "properties": {"jobtitle": "CFO"}},
        {"contact": METTE, "properties": {"jobtitle": {"a": 1}}},
        {"contact": METTE, "properties": {"jobtitle": None}},
        {"contact": METTE, "properties": "jobtitle"},
        {"contact": None, "properties": {}},
        {"properties": {}},
        {},
    ],
)
async def test_arguments_of_wrong_types_are_refused(
    talk: Talk, server: FakeOpenAI, crm: Sandbox, arguments: dict[str, Any]
) -> None:
    """Arguments that do not fit the schema are answered to the model, nothing is proposed, and the chat goes on."""
    server.script = [calls(ToolCall("update_contact", arguments)), says("Undskyld.")]
    assert "Undskyld." in await talk.say("gør noget")
    assert (talk.card, crm.writes()) == (None, [])
    server.script = [*server.script, says("Klar.")]
    assert await talk.say("hej") == "Klar."


async def test_a_provider_that_is_down_is_told_beside_a_card(talk: Talk, server: FakeOpenAI) -> None:
    """When the guided model proposes the change because the provider is down, that is said, too."""
    server.script = lambda request: Reply(status=401)
    assert "Sprogmodellen svarer ikke" in await talk.say(f"ret stilling på {METTE} til CFO")
    assert talk.rows["jobtitle"][1] == "CFO"


async def test_a_list_is_not_lost_by_a_later_call(talk: Talk, server: FakeOpenAI) -> None:
    """What a search found is in the reply also when another call of the turn fails."""
    server.script = [search("Mette Hansen"), update("ingen@nordlys.example", jobtitle="x"), says("Hm.")]
    assert "1. **Mette Hansen**" in await talk.say("find Mette, og ret en anden")


async def test_a_list_beside_a_card_is_shown(talk: Talk, server: FakeOpenAI) -> None:
    """A search and a proposal in one message: the list is said, and the card comes."""
    both = Reply(tool_calls=search(METTE).tool_calls + update(METTE, jobtitle="CFO").tool_calls)
    server.script = [both]
    assert "1. **Mette Hansen**" in await talk.say("find hende, og gør hende til CFO")
    assert talk.card is not None


async def test_tracing_is_off_whatever_the_environment_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With LangSmith switched on in the environment, an assistant that opens switches it off."""
    for name in TRACING:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    get_env_var.cache_clear()  # type: ignore[attr-defined]
    assert tracing_is_enabled()
    async with open_assistant(settings):
        assert not tracing_is_enabled()
    assert os.environ["LANGSMITH_TRACING"] == "false"


async def test_read_only_says_so(opener: Any) -> None:
    """With ASSISTANT_READ_ONLY the greeting, the buttons and the words for a change all say what is off."""
    async with opener(read_only=True) as graph:
        talk = Talk(graph)
        assert "kun at læse" in await talk.open()
        assert "kun at læse" in await talk.press("create")
        assert "kun at læse" in await talk.say(f"ret stilling på {METTE} til CFO")
