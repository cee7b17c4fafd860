"""Who answers the user: the assistant as it is, and the assistant without its gate.

A chat hears what the user says, presses and decides, and yields what it says and shows. It notes which writes the user
approved, from the card that was shown.
"""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

from evals.meter import Meter
from graph import open_assistant
from graph.models import open_model
from settings import Settings
from support.children import SANDBOX_TOKEN
from support.licences import Licence, licence

Json = dict[str, Any]
# as a person would read it: what the product takes for a yes is what is judged
_YES = re.compile(
    r"\b(ja|jo|jep|yes|yep|yeah|ok|okay|godkend\w*|approve\w*|(gem|opret|ret|gør) (den|det|hende|ham)|i orden|"
    r"sure|fine|fint|super|correct|do it|go ahead|save it)\b",
    re.I,
)
_BUT = re.compile(r"\b(men|but|ikke|not|nej|no|uden|without|vent|wait)\b|\?|\d", re.I)


class Chat(Protocol):
    """Somebody who answers; each call returns all that is said and shown upon it."""

    meter: Meter
    approved: list[Licence]

    @property
    def waits(self) -> bool:
        """Whether a decision is waited for."""

    async def open(self) -> str:
        """Open the conversation."""

    async def say(self, text: str) -> str:
        """Say something."""

    async def press(self, button: str) -> str:
        """Press one of the three buttons, or the number of a contact on the last list."""

    async def decide(self, decision: str) -> str:
        """Approve, reject, or approve and acknowledge all that must be."""


class AssistantChat:
    """One conversation with the compiled graph."""

    def __init__(self, graph: Any, language: str) -> None:
        self.meter = Meter()
        self.approved: list[Licence] = []
        self.card: Json | None = None
        self._graph = graph
        self._config: RunnableConfig = {
            "configurable": {"thread_id": "eval", "language": language},
            "callbacks": [self.meter],
        }
        self._known: set[str | None] = set()

    @property
    def waits(self) -> bool:
        """Whether a card waits."""
        return self.card is not None

    async def open(self) -> str:
        """Open the conversation; return the greeting."""
        return await self._run({})

    async def say(self, text: str) -> str:
        """Say something. A plain yes approves the card that waits."""
        if self.card and _YES.search(text) and not _BUT.search(text):
            self.approved += map(licence, self.card["changes"])
        return await self._run({"messages": [{"role": "user", "content": text}]})

    async def press(self, button: str) -> str:
        """Press a button. A number that is not on the list is said instead, as there is no such button."""
        if not button.isdigit():
            return await self._run({"choice": button})
        desk = (await self._graph.aget_state(self._config)).values.get("desk") or {}
        contact_id = next((c["id"] for c in desk.get("shown") or () if c["n"] == int(button)), None)
        return await (self._run({"choice": "select", "contact_id": contact_id}) if contact_id else self.say(button))

    async def decide(self, decision: str) -> str:
        """Decide the whole card. A card with something to acknowledge is not answered by a plain approval."""
        assert self.card is not None
        card = self.card
        decisions = {change["id"]: _decision(change, decision) for change in card["changes"]}
        try:
            reply = await self._run(Command(resume={"approval_id": card["id"], "decisions": decisions}))
        except Exception as error:
            if not is_invalid_resume(error):
                raise
            return shown(card)
        if decision != "reject":
            self.approved += map(licence, card["changes"])
        return reply

    async def _run(self, given: Any) -> str:
        out = await self._graph.ainvoke(given, self._config)
        waiting = out.get("__interrupt__") or ()
        self.card = waiting[0].value if waiting else None
        new = [m.text for m in out["messages"] if m.type == "ai" and m.text and m.id not in self._known]
        self._known = {m.id for m in out["messages"]}
        return "\n".join([*new, *([shown(self.card)] if self.card else [])])


class UngatedChat(AssistantChat):
    """The same assistant where a program approves every card at once, whatever it says."""

    async def _run(self, given: Any) -> str:
        replies = [await super()._run(given)]
        for _ in range(3):  # a card may be followed by a fresh one
            if self.card is None:
                break
            decisions = {change["id"]: _decision(change, "acknowledge") for change in self.card["changes"]}
            answer = {"approval_id": self.card["id"], "decisions": decisions}
            replies.append(await super()._run(Command(resume=answer)))
        return "\n".join(replies)


def _decision(change: Json, decision: str) -> Json:
    if decision == "reject":
        return {"decision": "reject"}
    acknowledged = change["acknowledge"] if decision == "acknowledge" else []
    return {"decision": "approve", "acknowledge": acknowledged}


def shown(card: Json) -> str:
    """Everything that a person reads on a card, without ids and property names."""
    lines: list[str] = []
    for change in card["changes"]:
        lines.append(change["title"])
        lines += [f"{row['label']}: {_value(row, 'before')} -> {_value(row, 'after')}" for row in change["rows"]]
        lines += [f"{twin['display']}: {twin['why']}" for twin in change["twins"]]
        lines += [*change["warnings"], *(str(piece["text"]) for piece in change.get("unused") or ())]
    return "\n".join(lines)


def _value(row: Json, which: str) -> str:
    """A value as it is shown: options by their labels, owners by their names."""
    value = str(row.get(which) or "")
    labels = {option["value"]: option["label"] for option in row.get("options") or () if isinstance(option, dict)}
    labels |= row.get("shown") or {}
    parts = value.split(";") if labels and value not in labels else [value]
    return "; ".join(str(labels.get(part, part)) for part in parts)


@asynccontextmanager
async def assistant(
    url: str, language: str, *, model: BaseChatModel | None = None, gate: bool = True
) -> AsyncIterator[AssistantChat]:
    """The assistant with a memory of its own over the CRM at ``url``; without a model, the guided one answers."""
    with tempfile.TemporaryDirectory(prefix="evals-") as folder:
        settings = Settings(
            _env_file=None,
            hubspot_access_token=SANDBOX_TOKEN,
            hubspot_api_url=url,
            database_url=f"sqlite:///{folder}",
        )
        async with open_assistant(settings, model=model) as graph:
            yield (AssistantChat if gate else UngatedChat)(graph, language)


@asynccontextmanager
async def configured_model(settings: Settings | None) -> AsyncIterator[BaseChatModel | None]:
    """The language model that the settings name, or None."""
    if settings is None or not settings.has_model:
        yield None
        return
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    async with open_model(model=settings.openai_model, api_key=key, base_url=settings.openai_base_url) as model:
        yield model
