"""What the model sees of a conversation, and what the state keeps of it."""

import asyncio
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage

from graph.memory import MESSAGES, TOKENS, alternating, estimate, notice, outdated, said, window
from support.o200k import encoding_or_skip
from support.talk import Talk

texts = st.text(max_size=400)


@st.composite
def histories(draw: st.DrawFn) -> list[AnyMessage]:
    """Conversations of whole turns, the last one in any stage of its course. Most begin with a greeting; a turn may end
    without a reply, or with a notice that no model sees.
    """
    messages: list[AnyMessage] = [AIMessage(draw(texts), id="g")] if draw(st.booleans()) else []
    turns = draw(st.integers(1, 6))
    for turn in range(turns):
        messages.append(HumanMessage(draw(texts), id=f"h{turn}"))
        for call in range(draw(st.integers(0, 2))):
            ids = [f"{turn}.{call}.{n}" for n in range(draw(st.integers(1, 3)))]
            calls = [{"name": "search_contacts", "args": {}, "id": i} for i in ids]
            messages.append(AIMessage("", tool_calls=calls, id=f"c{turn}.{call}"))
            whole = draw(st.booleans())
            messages += [ToolMessage(draw(texts), tool_call_id=i, id=f"t{i}") for i in (ids if whole else ids[:-1])]
        if turn < turns - 1:
            messages += [AIMessage(draw(texts), id=f"a{turn}.{n}") for n in range(draw(st.sampled_from((0, 1, 1, 2))))]
            messages += [notice(draw(texts))] if draw(st.booleans()) else []
    return messages


@given(histories())
def test_the_window_is_never_broken(messages: list[AnyMessage]) -> None:
    """Whatever the history: the question is there, no tool message is without its call, no call without its answers."""
    seen = window(messages)
    question = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
    assert any(isinstance(m, HumanMessage) and m.text == question.text for m in seen)
    open_calls: set[str | None] = set()
    for message in seen:
        if isinstance(message, ToolMessage):
            assert message.tool_call_id in open_calls
            open_calls.discard(message.tool_call_id)
        else:
            assert not open_calls
            open_calls = {c["id"] for c in message.tool_calls} if isinstance(message, AIMessage) else set()
    assert not open_calls


@given(histories())
def test_what_a_model_is_sent_alternates(messages: list[AnyMessage]) -> None:
    """Whatever the history, strict chat templates take it: one system message, then the user, then turn by turn."""
    seen = window(messages)
    sent = alternating([SystemMessage("prompt", additional_kwargs={"desk": {}}), *seen])
    kinds = ["call" if isinstance(m, AIMessage) and m.tool_calls else m.type for m in sent]
    after = {"system": {"human"}, "human": {"ai", "call"}, "ai": {"human"}, "call": {"tool"}, "tool": {"tool", "call"}}
    assert kinds[0] == "system"
    assert all(kind in after[before] for before, kind in pairwise(kinds))
    assert kinds[-1] in ("human", "tool")
    question = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
    last = next(m for m in reversed(sent) if isinstance(m, HumanMessage))
    assert last.text.endswith(question.text)


@given(histories())
def test_the_window_is_bounded(messages: list[AnyMessage]) -> None:
    """Besides the current turn there are at most four earlier messages, within the budget."""
    seen = window(messages)
    index = max(i for i, m in enumerate(seen) if isinstance(m, HumanMessage))
    assert len(seen[:index]) <= MESSAGES - 1
    assert sum(estimate(said(m)) for m in seen[:index]) <= TOKENS


@given(histories())
def test_a_turn_forgets_tool_traffic_of_earlier_ones(messages: list[AnyMessage]) -> None:
    """What the state drops when a turn begins never belongs to the turn, and leaves no tool message behind."""
    gone = {m.id for m in outdated(messages)}
    last = max(i for i, m in enumerate(messages) if isinstance(m, HumanMessage))
    assert not gone & {m.id for m in messages[last:]}
    assert not any(isinstance(m, ToolMessage) for m in messages[:last] if m.id not in gone)


SAMPLES = [
    "Ret Mette Hansens telefonnummer til 22 33 44 55, og sæt hendes stilling til salgsdirektør hos Nordlys A/S.",
    "Please change the phone number of the second contact to +45 22 33 44 55 and her job title to Head of Sales.",
    "1|105890611694|Mette Hansen|mh@fjordbyg.example|22 44 66 88|Fjordbyg ApS|Bogholder",
    '{"id": "105890623540", "email": "mette.hansen@nordlys.example", "phone": "+4522334455", "company": null}',
    "Årsopgørelsen for Ærøskøbing Bådeværft: smørrebrød, rødgrød og blåbærgrød til å, æ og ø.",
    "🙂🎉👍🏽 emoji 👩‍👩‍👧‍👦 and 李小龙, Ångström, Łódź, محمد",
    "| a | b |\n|---|---|\n| x7Gk2_pQ | pat-eu1-AbC9dEf |",
    "aB3xK9qLmZ7tR2vWn5YcH8jD4fG6sP1u",
    "+4522334455 +4533445566 105890682485 2026-11-22T19:05:33.123Z",
]


def test_the_estimate_is_never_below_the_real_count() -> None:
    """The estimate is at least what o200k makes of Danish, English, rows, JSON, ids, emoji and random keys."""
    tokens = encoding_or_skip()
    for sample in SAMPLES:
        assert estimate(sample) >= len(tokens.encode(sample)), sample


async def test_many_turns_stay_small(talk: Talk, tmp_path: Path) -> None:
    """State and checkpoint file stop growing: only a bounded history and the current turn's checkpoints are kept."""
    sizes: list[tuple[int, int]] = []
    for turn in range(40):
        await talk.say(f"find mette.hansen@nordlys.example {turn}" if turn % 4 == 0 else "hvad kan du?")
        sizes.append((len((await talk.values())["messages"]), await asyncio.to_thread(checkpoints, tmp_path)))
    assert sizes[-1][0] <= 20
    assert max(count for _, count in sizes) <= 12


def checkpoints(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "conversations.db")) as db:
        return int(db.execute("select count(*) from checkpoints").fetchone()[0])


async def test_a_crash_between_call_and_answer_leaves_a_usable_history(talk: Talk) -> None:
    """A call that was never answered does not keep the next message from being answered."""
    orphan: dict[str, Any] = {
        "messages": [
            HumanMessage("find Mette"),
            AIMessage("", tool_calls=[{"name": "search_contacts", "args": {"query": "Mette"}, "id": "x"}]),
        ]
    }
    await talk.graph.aupdate_state(talk.config, orphan, as_node="agent")
    assert "1. **Mette Hansen**" in await talk.say("find mette.hansen@nordlys.example")
