"""A process that answers a conversation's card at a given moment: ``python -m support.racer ANSWER``.

Settings come from the environment. It prints ``ready``, waits for a line, answers the card, and prints the reply as
JSON.
"""

import asyncio
import json
import sys

from graph import open_assistant
from support.talk import Talk


async def main(answer: str) -> None:
    """Open the assistant, and answer when told to."""
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
