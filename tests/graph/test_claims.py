"""A language model that says it wrote something is quoted below a sentence of code's; honest words are not."""

from typing import Any

import pytest

from graph.claims import Reading
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
NOTHING = "Dette svar har ikke ændret noget i HubSpot:"
IMITATED = "**Anna Andersen er opdateret:** Stilling er nu Direktør (før CFO)."
CLAIMS = [
    IMITATED,
    "Kontakten Per er oprettet.",
    "Jeg har SLETTET hende.",
    "Så er det færdigt: gemt!",
    "Stilling er nu Direktør (før CFO).",
    "Stillingen blev *ænd*ret.",
    "opdat\u200beret",
    "o\u0301pdateret",
    "opdat&#101;ret",
    "opdаteret",  # with a Cyrillic а
    "✅ Direktør",
    "Done.",
    "I have _updated_ her job title.",
    "Her title is now CEO.",
    "The phone was set to 22 33 44 55.",
    "<b>Created</b>",
]
# what was said -> what is no claim
PLAIN = [
    ("hej", "Her er hun."),
    ("hej", "Hvad er hendes e-mail?"),
    ("hej", "Jeg kan oprette hende. Hvad er navnet?"),
    ("hej", "I found two contacts."),
    ("hej", "Nu?"),
    ("tak", "You're all set."),
    ("hvem er Anna?", "Hun er nu direktør, står der i HubSpot."),
    ("er Anna opdateret?", "Ja, hun er opdateret."),
    ("ret Annas stilling til CFO", "Which of the two should be updated?"),
    ("ret Annas stilling til CFO", "Intet er gemt endnu."),
    ("ret Annas stilling til CFO", "Når du har godkendt, bliver hun opdateret."),
    ("ret Annas stilling til CFO", "Anna er CFO i forvejen."),
]


@pytest.fixture
async def talk(opener: Any, server: FakeOpenAI) -> Any:
    async with opener(openai_base_url=server.base_url) as graph:
        yield Talk(graph)


@pytest.mark.parametrize("text", CLAIMS)
async def test_a_models_done_is_quoted(talk: Talk, server: FakeOpenAI, crm: Sandbox, text: str) -> None:
    """Words that can be read as a result stand in a quotation, below the sentence that nothing was written."""
    server.script = [says(text)]
    reply = await talk.say("gør Anna til direktør")
    first, *rest = reply.split("\n\n", 1)
    assert first.startswith(NOTHING)
    assert rest == [f"> {text}"]
    assert crm.writes() == []


@pytest.mark.parametrize(("asked", "text"), PLAIN)
async def test_other_words_of_a_model_stand_as_they_are(talk: Talk, server: FakeOpenAI, asked: str, text: str) -> None:
    """What claims no write is not quoted."""
    server.script = [says(text)]
    assert await talk.say(asked) == text


async def test_a_claim_is_quoted_though_nobody_asked_for_a_change(talk: Talk, server: FakeOpenAI) -> None:
    """A model that says of its own accord that it wrote is quoted."""
    server.script = [says("Hej! Jeg har slettet Anna.")]
    assert (await talk.say("hej")).startswith(NOTHING)


async def test_a_yes_to_the_models_question_asks_for_the_change(talk: Talk, server: FakeOpenAI) -> None:
    """Where the model asks in words whether to change something, a yes asks for it, and "done" is a claim."""
    server.script = [says("Skal jeg ændre Annas stilling?"), says("Så er den klaret.")]
    await talk.say("hvad er hendes stilling?")
    assert (await talk.say("ja tak")).startswith(NOTHING)


async def test_a_button_asks_for_the_change(talk: Talk, server: FakeOpenAI) -> None:
    """Behind the button for a new contact a bare name asks for it to be created."""
    server.script = [says("Per Olsen ligger der nu.")]
    await talk.press("create")
    assert (await talk.say("Per Olsen")).startswith(NOTHING)


async def test_a_refused_write_asks_for_the_change(talk: Talk, server: FakeOpenAI) -> None:
    """A model that tried to write knows that a change was asked for, in whatever language."""
    update = ToolCall("update_contact", {"contact": "nobody@nordlys.example", "properties": {"jobtitle": "CFO"}})
    server.script = [calls(update), says("Valmis.")]
    assert NOTHING in await talk.say("ja sitten se titteli")


async def test_words_behind_a_receipt_are_not_quoted(talk: Talk, server: FakeOpenAI) -> None:
    """Thanked for a change that was made, the model may say that it was; asked for the next one, it may not."""
    update = ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}})
    server.script = [calls(update), says("Selv tak! Mette er opdateret."), says("Hendes by er opdateret.")]
    await talk.say(f"gør {METTE} til CFO")
    await talk.say("ja")
    assert await talk.say("tak") == "Selv tak! Mette er opdateret."
    assert (await talk.say("ret hendes by til Odense")).startswith(NOTHING)


async def test_what_code_renders_is_marked_as_a_receipt(talk: Talk, server: FakeOpenAI) -> None:
    """A list and the result of a change say that they are receipts; a model's own words do not."""
    update = ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}})
    find = ToolCall("search_contacts", {"query": METTE})
    server.script = [says("Hej!"), calls(find), says("Her er hun."), calls(update)]
    kinds = []
    for said in ("hej", f"find {METTE}", f"gør {METTE} til CFO", "ja"):
        await talk.say(said)
        kinds.append((await talk.values())["messages"][-1].additional_kwargs.get("kind"))
    assert kinds == [None, "receipt", None, "receipt"]


async def test_a_reply_too_long_to_be_read_is_quoted(talk: Talk, server: FakeOpenAI) -> None:
    """A reply of more than 4,000 characters is quoted without being checked for claims."""
    server.script = [says("Hun er her. " * 500)]
    assert (await talk.say("find Anna")).startswith(NOTHING)


@pytest.mark.parametrize("newline", ["\n", "\n\n", "\r\n", "\r", "\n\n\n"])
async def test_no_line_gets_out_of_the_quotation(talk: Talk, server: FakeOpenAI, newline: str) -> None:
    """A line break or an empty line does not end the quotation."""
    server.script = [says(f"Javel.{newline}{IMITATED}{newline}# Godkendt")]
    _, _, quotation = (await talk.say("gør Anna til direktør")).partition("\n\n")
    assert all(line.startswith(">") for line in quotation.splitlines())
    assert IMITATED in quotation


async def test_the_sentence_follows_the_language(talk: Talk, server: FakeOpenAI) -> None:
    """The sentence is in the language of the conversation."""
    server.script = [says("Anna was updated.")]
    assert "This reply changed nothing in HubSpot:" in await talk.say("please make Anna the director")


async def test_words_about_a_list_of_changes_are_not_marked(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """Below the list of what was changed, which comes from code, the model may say the same."""
    update = ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}})
    server.script = [calls(update), calls(ToolCall("list_changes", {})), says("I dag er Mette opdateret.")]
    await talk.say(f"gør {METTE} til CFO")
    await talk.say("ja")
    reply = await talk.say("hvad har du ændret i dag?")
    listing, words = reply.split("\n\n")
    assert "ændrede Mette Hansen" in listing
    assert words == "I dag er Mette opdateret."


async def test_what_the_model_said_is_what_it_is_told_later(talk: Talk, server: FakeOpenAI) -> None:
    """Later windows repeat the model's own words, and not the sentence and the marks that code put around them."""
    server.script = [says(IMITATED), says("Hm.")]
    await talk.say("gør Anna til direktør")
    await talk.say("hvem?")
    assert [m["content"] for m in server.requests[-1].messages if m["role"] == "assistant"] == [IMITATED]


async def test_the_guided_models_words_are_ours(talk: Talk, server: FakeOpenAI) -> None:
    """Where the guided model answers in the place of one that failed, its sentences are not quoted."""
    server.script = [Reply(status=401)]
    reply = await talk.say("hvad kan du?")
    assert "skriv »fortryd«" in reply
    assert "> " not in reply
    assert NOTHING not in reply


async def test_results_of_code_are_not_quoted(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """The result of an approval is code's sentence, as ever."""
    server.script = [calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}}))]
    await talk.say(f"gør {METTE} til CFO")
    reply = await talk.say("ja")
    assert "er opdateret" in reply
    assert NOTHING not in reply


@pytest.mark.parametrize(("reply", "beside"), [(says("Hej med dig."), (NOTHING, "change")), (Reply(status=401), None)])
async def test_each_piece_comes_with_what_stands_beside_it(
    talk: Talk, server: FakeOpenAI, reply: Reply, beside: tuple[str, str] | None
) -> None:
    """How a language model's words are read stands in the metadata of each piece of them, and of none of ours."""
    server.script = [reply]
    given = {"messages": [{"role": "user", "content": "ret Annas stilling"}]}
    pieces = [
        meta["claims"]
        async for chunk, meta in talk.graph.astream(given, talk.config, stream_mode="messages")
        if meta["langgraph_node"] == "agent" and chunk.text and chunk.type == "AIMessageChunk"
    ]
    assert pieces
    readings = [Reading(**piece) if piece else None for piece in pieces]
    assert {reading and (reading.sentence, reading.kind) for reading in readings} == {beside}
