"""Shows a run of the graph in the chat while it happens."""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

from collections.abc import Iterator
from typing import Any

import chainlit as cl
from chainlit.utils import utc_now
from langchain_core.messages import AIMessage, AIMessageChunk

from graph.claims import LONG, Reading, last_end, quoted, within
from graph.markdown import unlinked
from ui import frames

Json = dict[str, Any]

# without an icon the page asks for a picture under the step's text
_ICON = "circle-dot"


class Show:
    """Shows what the graph streams: tool steps in plain words, a streamed reply, and the waiting card."""

    def __init__(self) -> None:
        self.values: Json = {}  # what the graph remembers after the run
        self.replies: list[cl.Message] = []
        self.outcomes: dict[str, list[Json]] = {}  # of the changes that a reply, by its id, tells about
        self.offering: set[str] = set()  # the replies, by their ids, under which the three choices belong
        self.card: Json | None = None
        self.listed = False
        self._listing = ""
        self._reading: Reading | None = None  # of what a language model says; the guided model's sentences are ours
        self._said, self._read, self._quoting = "", 0, False  # ``read``: how many characters of it were judged
        self._streaming: cl.Message | None = None
        self._steps: dict[str, cl.Step] = {}

    async def show(self, mode: str, data: Any) -> None:
        """Show one item of ``graph.astream``."""
        if mode == "values":
            self.values = data
        elif mode == "custom":
            await self._custom(data)
        elif mode == "messages":
            await self._token(*data)
        elif mode == "updates":
            await self._updates(data)

    async def close(self) -> None:
        """Finish what is half shown: streamed text stays, and no step keeps spinning."""
        if self._streaming is not None:
            if self._reading and self._reading.claims(self._said):
                await self._quote(self._streaming, self._reading)
            await self._streaming.send()
        for step in [step for step in self._steps.values() if step.end is None]:
            await self._end(step)

    async def _custom(self, data: Json) -> None:
        if "listing" in data:
            self._listing, self.listed = data["listing"], data.get("numbered", True)
        if "step" in data:
            await self._step(data["step"])

    async def _step(self, told: Json) -> None:
        step = self._steps.get(told["id"])
        if step is None:
            run = cl.context.current_step
            step = cl.Step(name=told["text"], type="tool", parent_id=run and run.id, show_input=False, icon=_ICON)
            step.start = utc_now()
            self._steps[told["id"]] = step
            if not told.get("done"):
                await step.send()
                return
        step.name = told.get("text") or step.name
        if told.get("done"):
            await self._end(step)

    async def _end(self, step: cl.Step) -> None:
        step.end = utc_now()
        await step.update()

    async def _token(self, chunk: Any, meta: Json) -> None:
        if meta.get("langgraph_node") != "agent" or not isinstance(chunk, AIMessageChunk) or not chunk.text:
            return
        reading = Reading(**meta["claims"]) if meta.get("claims") else None
        if reading != self._reading:
            # another model goes on: what was streamed of one that failed is no reply
            await self._drop()
            self._reading = reading
        if self._streaming is None:
            self._streaming = cl.Message("", id=frames.id_of(chunk))
            if self._listing:
                await self._streaming.stream_token(f"{self._listing}\n\n")
            self._said, self._read, self._quoting = "", 0, False
        await self._say(self._streaming, unlinked(chunk.text, self._said))

    async def _say(self, reply: cl.Message, piece: str) -> None:
        """Stream one more piece of a reply; a language model's is quoted from the sentence that claims a write."""
        before = len(self._said)
        self._said += piece
        if self._quoting:
            await reply.stream_token(within(piece))
        elif self._reading and self._reading.hears(self._sentences(before)):
            await self._quote(reply, self._reading)
        else:
            await reply.stream_token(piece)

    def _sentences(self, before: int) -> str:
        """The sentences that the last piece has ended; ``before``: how long the text was without it."""
        end = last_end(self._said, max(self._read, before - 1))
        if not end and len(self._said) - self._read > LONG:
            end = len(self._said)
        ended = self._said[self._read : end]
        self._read = max(end, self._read)
        return ended

    async def _quote(self, reply: cl.Message, reading: Reading) -> None:
        """Quote everything said so far."""
        if not self._quoting:
            self._quoting = True
            above = f"{self._listing}\n\n" if self._listing else ""
            await reply.stream_token(f"{above}{reading.sentence}\n\n{quoted(self._said)}", is_sequence=True)

    async def _drop(self) -> None:
        if self._streaming is not None:
            await self._streaming.remove()
            self._streaming = None

    async def _updates(self, data: Json) -> None:
        if interrupts := data.get("__interrupt__"):
            self.card = interrupts[0].value
        for update in data.values():
            for message in _messages(update):
                await self._message(message)

    async def _message(self, message: AIMessage) -> None:
        if message.tool_calls:
            # words on the way to a tool call are no reply
            await self._drop()
        elif message.text:
            shown = frames.message_of(message)
            reply, self._streaming, self._listing = self._streaming or shown, None, ""
            reply.content, reply.metadata = shown.content, shown.metadata
            self.replies.append(await reply.send())
            self.outcomes[reply.id] = message.additional_kwargs.get("outcomes") or []
            if message.additional_kwargs.get("offer") == "choices":
                self.offering.add(reply.id)


def _messages(update: Any) -> Iterator[AIMessage]:
    for part in update if isinstance(update, list | tuple) else [update]:
        found = part.get("messages") if isinstance(part, dict) else None
        for message in found if isinstance(found, list | tuple) else [found]:
            if isinstance(message, AIMessage):
                yield message
