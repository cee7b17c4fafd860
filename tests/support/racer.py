"""A process that answers conversations' cards at given moments: ``python -m support.racer``.

Each line that it reads names the settings of an assistant, which it opens. It prints ``ready``, waits for a line with
the answer, gives it, and prints the reply as JSON.
"""

import asyncio
import json
import os
import sys

from graph import open_assistant
from support.talk import Talk


async def main() -> None:
    """Answer a card for each line with settings."""
    while settings := await asyncio.to_thread(sys.stdin.readline):
        os.environ.update(json.loads(settings))
        async with open_assistant() as graph:
            talk = Talk(graph)
            await talk.open()  # everything that is read once is read before the race
            print("ready", flush=True)
            given = json.loads(await asyncio.to_thread(sys.stdin.readline))
            reply = await (talk.answer(given) if isinstance(given, dict) else talk.say(given))
            print(json.dumps({"reply": reply}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
