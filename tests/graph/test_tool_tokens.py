"""What the tools of a call cost, as a provider is sent them."""

from typing import Any

from support import o200k
from support.fake_openai import FakeOpenAI
from support.openai_wire import says
from support.talk import Talk

MOST = 800


async def test_the_tools_of_a_call_are_few_tokens(opener: Any, server: FakeOpenAI) -> None:
    """All descriptions of tools that a call is sent take at most 800 tokens, counted as the JSON that is sent."""
    o200k.encoding_or_skip()
    server.script = [says("Hej.")]
    async with opener(openai_base_url=server.base_url) as graph:
        await Talk(graph).say("hej")
    (request,) = server.requests
    assert {"search_contacts", "create_contact", "update_contact"} <= {t["function"]["name"] for t in request.tools}
    assert o200k.count_request([], request.tools) <= MOST
