"""A card belongs to one conversation and one user, and is answered once: every other answer is told why not."""

from typing import Any

import pytest
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

from support.children import Sandbox
from support.licences import answer
from support.stopping import stopped_during
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
MINE = "ret stilling på mh@fjordbyg.example til Formand"


async def refused(talk: Talk, given: Any) -> str:
    """The sentence with which an answer is refused; the card stays."""
    card = talk.card
    with pytest.raises(Exception) as raised:
        await talk.graph.ainvoke(Command(resume=given), talk.config)
    assert is_invalid_resume(raised.value)
    state = await talk.graph.aget_state(talk.config)
    assert state.interrupts[0].value == card
    return str(raised.value.__notes__[0])


def approval(talk: Talk) -> dict[str, Any]:
    assert talk.card is not None
    return answer(talk.card, "approve")


@pytest.fixture
async def waiting(talk: Talk) -> Talk:
    """A conversation whose card waits."""
    await talk.say(MINE)
    return talk


async def test_a_card_of_another_conversation_is_refused(waiting: Talk, crm: Sandbox) -> None:
    """The answer to another conversation's card is refused here, and that card still waits there."""
    other = Talk(waiting.graph, thread="other")
    await other.say(UPDATE)
    assert "anden samtale" in await refused(waiting, approval(other))
    assert crm.writes() == []
    assert "er opdateret" in await other.decide("approve")


async def test_a_card_of_another_user_is_refused(waiting: Talk, crm: Sandbox) -> None:
    """Another user of the same conversation can neither approve nor withdraw the card, in no way; its own user can."""
    stranger = Talk(waiting.graph, user="eve")
    stranger.card = waiting.card
    assert "anden bruger" in await stranger.decide("approve")
    for given in ({"messages": [("user", "ja")]}, {"messages": [("user", "nej")]}, {"choice": "create"}):
        out = await waiting.graph.ainvoke(given, stranger.config)
        assert "anden bruger" in out["messages"][-1].text
        assert out["__interrupt__"][0].value == waiting.card
    assert "anden bruger" in await stranger.answer({"text": "ja"})
    assert crm.writes() == []
    assert "er opdateret" in await waiting.decide("approve")


async def test_a_card_that_gave_way_to_another_runs_is_refused(waiting: Talk, crm: Sandbox) -> None:
    """Of two cards that runs at the same moment left, only the one that the conversation kept can be answered."""
    kept = (await waiting.values())["card"]
    await waiting.say(UPDATE)
    lost = approval(waiting)
    await waiting.graph.aupdate_state(waiting.config, {"card": kept}, as_node="tools")
    await waiting.open()
    assert "lagt væk" in await refused(waiting, lost)
    assert crm.writes() == []


@pytest.mark.parametrize("later", [None, {}, Command(resume={})])
async def test_a_strangers_answer_is_not_kept_for_the_next_run(waiting: Talk, crm: Sandbox, later: Any) -> None:
    """What another user answered does not come into force when the card's own user goes on without an answer."""
    stranger = Talk(waiting.graph, user="eve")
    stranger.card = waiting.card
    await stranger.decide("approve")
    out = await waiting.graph.ainvoke(later, waiting.config)
    assert out["__interrupt__"][0].value == waiting.card
    assert crm.writes() == []
    assert "er opdateret" in await waiting.decide("approve")


async def test_a_stranger_who_comes_along_a_cut_off_write_gets_no_card(waiting: Talk, crm: Sandbox) -> None:
    """Where another user's message settles an approval that was cut off, the fresh card is still its own user's."""
    crm.fail(match={"method": "GET", "path_contains": "/contacts/"}, delay=1.0)
    await stopped_during(crm, "GET", waiting.decide("approve"))
    crm.set(str((crm.find("mh@fjordbyg.example") or {})["id"]), jobtitle="Partner")
    stranger = Talk(waiting.graph, user="eve")
    assert "ændret, siden" in await stranger.say("hej")
    assert "anden bruger" in await stranger.decide("approve")
    waiting.card = stranger.card
    assert "er opdateret" in await waiting.decide("approve")


async def test_a_card_that_was_put_aside_is_refused(talk: Talk, crm: Sandbox) -> None:
    """The answer to a card that was withdrawn is refused while a newer one waits."""
    await talk.say(UPDATE)
    old = approval(talk)
    await talk.say("nej, Direktør")
    assert "lagt væk" in await refused(talk, old)
    assert crm.writes() == []


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_a_card_that_was_used_is_refused(talk: Talk, crm: Sandbox, decision: str) -> None:
    """The answer to a card that was decided is refused while a newer one waits, and writes nothing more."""
    await talk.say(UPDATE)
    used = approval(talk)
    await talk.decide(decision)
    before = crm.writes()
    await talk.say(MINE)
    assert "allerede behandlet" in await refused(talk, used)
    assert crm.writes() == before


async def test_a_card_that_never_was_is_refused(waiting: Talk, crm: Sandbox) -> None:
    """A made-up id is refused."""
    assert "kender jeg ikke" in await refused(waiting, {**approval(waiting), "approval_id": "made-up"})
    assert crm.writes() == []


async def test_an_answer_that_does_not_fit_is_refused(waiting: Talk, crm: Sandbox) -> None:
    """A malformed answer to the right card is refused with a sentence of its own."""
    assert "passer ikke til kortet" in await refused(waiting, {**approval(waiting), "decisions": {}})
    assert "passer ikke til kortet" in await refused(waiting, ["ja"])
    assert crm.writes() == []


async def test_the_sentence_follows_the_language(opener: Any) -> None:
    """An answer is refused in the language of the conversation."""
    async with opener(language="en") as graph:
        talk = Talk(graph)
        await talk.say(f"change the job title of {METTE} to CFO")
        assert "do not know that card" in await refused(talk, {**approval(talk), "approval_id": "x"})


async def test_a_used_card_where_nothing_waits_does_nothing(waiting: Talk, crm: Sandbox) -> None:
    """An answer where no card waits, from here or elsewhere, changes nothing and says nothing."""
    other = Talk(waiting.graph, thread="other")
    await other.open()
    assert await other.answer(approval(waiting)) == ""
    assert crm.writes() == []
