"""The chat models of benchmarks and proofs, which are scripts."""

import pytest

from benchmarks.turns import SEARCH, TALK, Instant


@pytest.mark.parametrize(("said", "tools"), [(SEARCH, ["search_contacts"]), (TALK, [])])
async def test_a_script_that_streams_can_be_asked_for_the_whole(said: str, tools: list[str]) -> None:
    """Asked at once, a script says what it streams."""
    streamed = [chunk async for chunk in Instant().astream(said)]
    asked = await Instant().bind_tools([]).ainvoke(said)
    assert [call["name"] for call in asked.tool_calls] == tools
    assert asked.text == "".join(chunk.text for chunk in streamed)


def test_a_script_can_be_asked_without_an_event_loop() -> None:
    """The synchronous call gives the same words."""
    assert "HubSpot" in Instant().invoke(TALK).text
