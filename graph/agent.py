"""The ``agent`` node: calls the model once, with the system prompt, the desk, the window and the current turn."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.types import Command

from crm.domain import CrmError, Schema, StoreError
from graph import memory, models
from graph.claims import RECEIPT, Reading
from graph.context import Context, user_of
from graph.desk import Desk, Draft
from graph.markdown import unlinked
from graph.state import State, TurnProgress
from tools import schema_of

MODEL_CALLS = 6  # per turn
FAILURES, REST_SECONDS = 3, 60.0  # a model that hangs so often in a row is left alone for so long
_NAMES = {"da": "Danish", "en": "English"}


def _today(zone: ZoneInfo | None) -> str:
    """The weekday and the date by the portal's clock; by this machine's where HubSpot does not tell its zone."""
    return f"{datetime.now(UTC).astimezone(zone):%A %Y-%m-%d}" + (f" ({zone.key})" if zone else "")


class Agent:
    """Asks the model. If it fails or its cap is reached, the guided model answers the rest of the turn and says so
    once.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._resting_until = 0.0
        self._failures = 0  # timeouts in a row, of all conversations

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["tools", "__end__"]]:
        turn = TurnProgress.of(state)
        language = self._context.language_of(state, config)
        say = self._context.prompts.say
        if turn.models >= MODEL_CALLS:
            return Command(goto="__end__", update={"messages": [AIMessage(say(language, "too-many-steps"))]})
        reading = self._reading(state, config)
        answer, turn = await self._answer(state, config, turn.but(models=turn.models + 1), reading)
        if answer.tool_calls:
            return Command(goto="tools", update={"messages": [answer], "turn": turn.as_json()})
        text, ours = unlinked(answer.text), self._ours(turn)
        parts = [
            say(language, turn.fallback) if turn.fallback else "",
            turn.listing,
            text if ours else reading.marked(text),
            say(language, "model-cut-short") if answer.response_metadata.get("finish_reason") == "length" else "",
        ]
        beside = {"said": answer.text, **(RECEIPT if turn.listing else {})}
        beside |= {k: v for k, v in answer.additional_kwargs.items() if k == "offer" and ours}
        reply = AIMessage("\n\n".join(part for part in parts if part), id=answer.id, additional_kwargs=beside)
        update: dict[str, Any] = {"messages": [reply], "turn": {}}
        if "draft" in answer.additional_kwargs:
            given = answer.additional_kwargs["draft"]
            draft = Draft.model_validate(given) if given else None
            update["desk"] = Desk.of(state).but(draft=draft, question=None).as_json()
        return Command(goto="__end__", update=update)

    async def _answer(
        self, state: State, config: RunnableConfig, turn: TurnProgress, reading: Reading
    ) -> tuple[AIMessage, TurnProgress]:
        """The model's answer, or the guided model's: ``fallback`` of the turn then names the sentence that says why."""
        prompt, tools = self._prompt(state, config, await self._schema()), list(self._context.tools.values())
        if not self._ours(turn):
            answer, fallback = await self._model(prompt, tools, turn, user_of(config), reading)
            if fallback == "model-malformed" and turn.models < MODEL_CALLS:
                turn = turn.but(models=turn.models + 1)
                told = self._told(prompt, self._context.language_of(state, config))
                answer, fallback = await self._model(told, tools, turn, user_of(config), reading)
            turn = turn.but(fallback=fallback)
            if answer:
                return answer, turn
        return await models.ask(self._context.fallback, tools, prompt, seconds=self._context.turn_seconds), turn

    def _told(self, prompt: Sequence[AnyMessage], language: str) -> list[AnyMessage]:
        """The prompt, with what was wrong with the model's call; no history may hold a call that cannot be read."""
        return [
            SystemMessage(f"{prompt[0].text}\n\n{self._context.prompts.say(language, 'tool-malformed')}"),
            *prompt[1:],
        ]

    def _ours(self, turn: TurnProgress) -> bool:
        """Whether the guided model answers; all of its sentences are written by us."""
        return self._context.model is self._context.fallback or bool(turn.fallback)

    async def _model(
        self, prompt: Sequence[AnyMessage], tools: Sequence[BaseTool], turn: TurnProgress, user: str, reading: Reading
    ) -> tuple[AIMessage | None, str]:
        """The model's answer, or the key of the sentence that says why there is none. Calls and tokens count for the
        user.
        """
        asked = time.monotonic()
        if asked < self._resting_until:
            return None, "model-down"
        if not await self._context.usage.take(user):
            return None, "model-spent"
        tokens = self._tools_cost + sum(memory.estimate(message.text) for message in prompt)
        left = self._context.turn_seconds - (time.time() - turn.started if turn.started else 0.0)
        seconds = min(self._context.model_seconds, max(1.0, left))
        try:
            answer = await models.ask(
                self._context.model, tools, memory.alternating(prompt), seconds=seconds, beside=reading.as_json()
            )
            self._failures = 0
            used = answer.usage_metadata
            tokens = used["total_tokens"] if used else tokens + memory.estimate(answer.text + str(answer.tool_calls))
        except models.ModelFault as fault:
            self._failed(fault)
            return None, f"model-{fault.kind}"
        finally:
            with suppress(StoreError):  # the answer is there; where the file stays unusable, the next call says so
                await self._context.usage.spent(user, tokens)
        return answer, ""

    def _reading(self, state: State, config: RunnableConfig) -> Reading:
        """How a language model's reply is read in this turn."""
        sentence = self._context.prompts.say(self._context.language_of(state, config), "model-claims")
        return Reading.of(sentence, state.get("messages") or [], Desk.of(state), self._context.portal.region)

    def _failed(self, fault: models.ModelFault) -> None:
        """After several timeouts in a row, stop asking the provider for a minute: else every turn would wait for it."""
        self._failures = self._failures + 1 if fault.kind == "slow" else 0
        if self._failures >= FAILURES:
            self._failures, self._resting_until = 0, time.monotonic() + REST_SECONDS

    async def _schema(self) -> Schema | None:
        with suppress(CrmError):
            return await self._context.portal.schema()
        return None

    def _prompt(self, state: State, config: RunnableConfig, schema: Schema | None) -> list[AnyMessage]:
        today = _today(schema.zone if schema else None)
        desk, language = Desk.of(state), self._context.language_of(state, config)
        text = self._context.prompts.system(language=_NAMES[language], desk=desk.as_text(), today=today)
        # the guided model reads these as data; no provider is sent additional_kwargs
        data = {"desk": desk.as_json(), "language": language, "fields": schema.own_labels() if schema else {}}
        system = SystemMessage(text, additional_kwargs=data)
        return [system, *memory.window(state.get("messages") or [])]

    @cached_property
    def _tools_cost(self) -> int:
        """The tokens of the tools' descriptions, as they are sent to a provider."""
        return memory.estimate(json.dumps([schema_of(tool) for tool in self._context.tools.values()]))
