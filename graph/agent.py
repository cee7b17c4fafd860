"""The ``agent`` node: one call of the model, over the system prompt, the desk, the window and the current turn."""

import time
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from graph import desk as desks
from graph import memory, models
from graph.context import Context
from graph.state import State

MODEL_CALLS = 6  # per turn
_NAMES = {"da": "Danish", "en": "English"}


class Agent:
    """Asks the model; where it fails, the guided model answers the rest of the turn, and says so once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["tools", "__end__"]]:
        turn = dict(state.get("turn") or {})
        language = self._context.language_of(state, config)
        say = self._context.prompts.say
        if turn.get("models", 0) >= MODEL_CALLS:
            return Command(goto="__end__", update={"messages": [AIMessage(say(language, "too-many-steps"))]})
        turn["models"] = turn.get("models", 0) + 1
        answer, notice = await self._answer(state, config, turn)
        if answer.tool_calls:
            return Command(goto="tools", update={"messages": [answer], "turn": turn})
        parts = [say(language, "model-down") if notice else "", turn.get("listing", ""), answer.text]
        reply = AIMessage(
            "\n\n".join(part for part in parts if part), id=answer.id, additional_kwargs={"said": answer.text}
        )
        update: dict[str, Any] = {"messages": [reply], "turn": {}}
        if draft := answer.additional_kwargs.get("draft"):
            update["desk"] = {**(state.get("desk") or {}), "draft": draft, "question": None}
        return Command(goto="__end__", update=update)

    async def _answer(self, state: State, config: RunnableConfig, turn: dict[str, Any]) -> tuple[AIMessage, bool]:
        """The answer, and whether it must be said that the language model is down."""
        prompt = self._prompt(state, config)
        tools = list(self._context.tools.values())
        if not turn.get("fallback"):
            left = models.TURN_SECONDS - (time.time() - turn.get("started", time.time()))
            try:
                return await models.ask(self._context.model, tools, prompt, seconds=max(1.0, left)), False
            except models.ModelFault:
                if self._context.model is self._context.fallback:
                    raise
                turn["fallback"] = True
        return await models.ask(self._context.fallback, tools, prompt, seconds=models.TURN_SECONDS), True

    def _prompt(self, state: State, config: RunnableConfig) -> list[AnyMessage]:
        desk, language = state.get("desk") or {}, self._context.language_of(state, config)
        text = self._context.prompts.system(language=_NAMES[language], desk=desks.as_text(desk))
        # the guided model reads the desk as data; no provider is sent additional_kwargs
        system = SystemMessage(text, additional_kwargs={"desk": desk, "language": language})
        return [system, *memory.window(state.get("messages") or [])]
