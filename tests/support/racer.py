"""A process of its own that answers the card of a conversation at a given moment: ``python -m support.racer ANSWER``.

Settings come from the environment. It says ``ready``, waits for a line, answers, and prints what was replied as JSON.
"""

import asyncio
import json
import sys

from graph import open_assistant
from support.talk import Talk


async def main(answer: str) -> None:
    """Opens the assistant and answers on the word."""
    async with open_assistant() as graph:
        talk = Talk(graph)
        await talk.open()  # everything that is read once is read before the race
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        given = json.loads(answer)
        reply = await (talk.answer(given) if isinstance(given, dict) else talk.say(given))
        print(json.dumps({"reply": reply}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
