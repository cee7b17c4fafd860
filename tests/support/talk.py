"""Talking to the compiled graph as a Python user does."""

from typing import Any

from langchain_core.messages import AnyMessage
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

Graph = CompiledStateGraph[Any, Any, Any, Any]


class Talk:
    """One conversation: the last reply, the waiting card, and all outcomes that were told."""

    def __init__(self, graph: Graph, thread: str = "test", **configurable: str) -> None:
        self.graph = graph
        self.config: Any = {"configurable": {"thread_id": thread, "language": "da", **configurable}}
        self.replies: list[str] = []
        self.card: dict[str, Any] | None = None
        self.known: set[str | None] = set()
        self.outcomes: list[dict[str, Any]] = []

    async def open(self) -> str:
        """Opens the conversation; the greeting."""
        return await self._run({})

    async def press(self, choice: str, **more: str) -> str:
        """Presses a button; the reply."""
        return await self._run({"choice": choice, **more})

    async def say(self, text: str) -> str:
        """Writes a message; everything that the assistant replied."""
        return await self._run({"messages": [{"role": "user", "content": text}]})

    async def go_on(self) -> str:
        """Continue a run that was cut off, as the web chat does when it opens; return what was said."""
        return await self._run(None)

    async def answer(self, answer: Any) -> str:
        """Answers the waiting card as the browser does."""
        return await self._run(Command(resume=answer))

    async def decide(self, decision: str, **more: Any) -> str:
        """Send the same decision for every change of the waiting card."""
        assert self.card is not None
        decisions = {c["id"]: {"decision": decision, **more} for c in self.card["changes"]}
        return await self.answer({"approval_id": self.card["id"], "decisions": decisions})

    async def decide_each(self, *decisions: dict[str, Any]) -> str:
        """Send a decision for each change of the waiting card, in order."""
        assert self.card is not None
        given = {c["id"]: d for c, d in zip(self.card["changes"], decisions, strict=True)}
        return await self.answer({"approval_id": self.card["id"], "decisions": given})

    async def _run(self, given: Any) -> str:
        out = await self.graph.ainvoke(given, self.config)
        waiting = out.get("__interrupt__") or ()
        self.card = waiting[0].value if waiting else None
        new = [m for m in out["messages"] if self._new(m)]
        self.replies = [m.text for m in new]
        self.outcomes += [outcome for m in new for outcome in m.additional_kwargs.get("outcomes", [])]
        self.known = {m.id for m in out["messages"]}
        return "\n".join(self.replies)

    def _new(self, message: AnyMessage) -> bool:
        return message.type == "ai" and bool(message.text) and message.id not in self.known

    @property
    def statuses(self) -> list[str]:
        """The outcomes that were told so far."""
        return [str(outcome["status"]) for outcome in self.outcomes]

    @property
    def rows(self) -> dict[str, tuple[str | None, str]]:
        """Property -> before and after, of the only change on the card."""
        assert self.card is not None, self.replies
        (change,) = self.card["changes"]
        return {row["property"]: (row["before"], row["after"]) for row in change["rows"]}

    async def values(self) -> dict[str, Any]:
        """The state of the conversation."""
        return dict((await self.graph.aget_state(self.config)).values)
