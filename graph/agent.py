"""The ``agent`` node: one call of the model, over the system prompt, the desk, the window and the current turn."""

import time
from contextlib import suppress
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from graph import desk as desks
from graph import memory, models
from graph.context import Context
from graph.markdown import unlinked
from graph.state import State

MODEL_CALLS = 6  # per turn
SLOW_SECONDS, REST_SECONDS = 20.0, 60.0
_NAMES = {"da": "Danish", "en": "English"}


class Agent:
    """Asks the model; where it fails, the guided model answers the rest of the turn, and says so once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._resting_until = 0.0

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["tools", "__end__"]]:
        turn = dict(state.get("turn") or {})
        language = self._context.language_of(state, config)
        say = self._context.prompts.say
        if turn.get("models", 0) >= MODEL_CALLS:
            return Command(goto="__end__", update={"messages": [AIMessage(say(language, "too-many-steps"))]})
        turn["models"] = turn.get("models", 0) + 1
        answer = await self._answer(state, config, turn)
        if answer.tool_calls:
            return Command(goto="tools", update={"messages": [answer], "turn": turn})
        parts = [
            say(language, "model-down") if turn.get("fallback") else "",
            turn.get("listing", ""),
            unlinked(answer.text),
        ]
        reply = AIMessage(
            "\n\n".join(part for part in parts if part), id=answer.id, additional_kwargs={"said": answer.text}
        )
        update: dict[str, Any] = {"messages": [reply], "turn": {}}
        if draft := answer.additional_kwargs.get("draft"):
            update["desk"] = {**(state.get("desk") or {}), "draft": draft, "question": None}
        return Command(goto="__end__", update=update)

    async def _answer(self, state: State, config: RunnableConfig, turn: dict[str, Any]) -> AIMessage:
        """The model's answer, or the guided model's, which ``turn["fallback"]`` then says."""
        prompt, tools = self._prompt(state, config), list(self._context.tools.values())
        only_guided = self._context.model is self._context.fallback
        if not only_guided and not turn.get("fallback") and time.monotonic() >= self._resting_until:
            asked = time.monotonic()
            left = models.TURN_SECONDS - (time.time() - turn.get("started", time.time()))
            with suppress(models.ModelFault):
                return await models.ask(self._context.model, tools, prompt, seconds=max(1.0, left))
            if time.monotonic() - asked > SLOW_SECONDS:  # a provider that hangs is not waited for at every turn
                self._resting_until = time.monotonic() + REST_SECONDS
        turn["fallback"] = not only_guided
        return await models.ask(self._context.fallback, tools, prompt, seconds=models.TURN_SECONDS)

    def _prompt(self, state: State, config: RunnableConfig) -> list[AnyMessage]:
        desk, language = state.get("desk") or {}, self._context.language_of(state, config)
        text = self._context.prompts.system(language=_NAMES[language], desk=desks.as_text(desk))
        # the guided model reads the desk as data; no provider is sent additional_kwargs
        system = SystemMessage(text, additional_kwargs={"desk": desk, "language": language})
        return [system, *memory.window(state.get("messages") or [])]
