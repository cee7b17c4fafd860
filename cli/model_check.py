"""Checks with one small turn that the language model calls a tool, and answers when it has the tool's result."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool, tool

import graph.openai_compatible  # noqa: F401  # open_model would import it for seconds, in which no check goes on
from cli.finding import Finding, ok, problem, warning
from graph.models import ModelFault, ask, open_model
from graph.tracing import no_tracing
from settings import Settings

SECONDS = 12.0  # of each of the two calls, where ASSISTANT_MODEL_SECONDS is not set
# part of the name of what the client raised -> what is wrong
_WHY = {
    "Authentication": "key",
    "PermissionDenied": "key",
    "NotFound": "model",
    "BadRequest": "model",
    "UnprocessableEntity": "model",
    "RateLimit": "limit",
    "Connection": "unreachable",
}


def seconds(settings: Settings) -> float:
    """Return the timeout of one call in seconds: short, unless ASSISTANT_MODEL_SECONDS is set."""
    return settings.model_seconds if "model_seconds" in settings.model_fields_set else SECONDS


async def model_findings(settings: Settings) -> list[Finding]:
    """Ask the configured model to call one tool, and to answer from its result."""
    if not settings.tracing:
        no_tracing()
    key, limit = settings.openai_api_key, seconds(settings)
    opening = open_model(
        model=settings.openai_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        call_seconds=limit,
        turn_seconds=2 * limit,
    )
    async with opening as model:
        return [await _turn(model, settings.openai_model, settings.openai_base_url or "OpenAI", limit)]


async def _turn(model: BaseChatModel, name: str, where: str, limit: float) -> Finding:
    look_up = _tool()
    prompt: list[AnyMessage] = [
        SystemMessage("You look colours up with the tool look_up, and then tell them in one word."),
        HumanMessage("Which colour has the house?"),
    ]
    try:
        asked = await ask(model, [look_up], prompt, seconds=limit)
    except ModelFault as fault:
        return problem("model", "doctor-model-bad", why=_why(fault), model=name, where=where)
    if not asked.tool_calls:
        return warning("model", "doctor-model-no-tools", model=name)
    results = [ToolMessage("yellow", tool_call_id=call["id"]) for call in asked.tool_calls]
    try:
        await ask(model, [look_up], [*prompt, asked, *results], seconds=limit)
    except ModelFault as fault:
        return problem("model", "doctor-model-no-answer", why=_why(fault), model=name, where=where)
    return ok("model", "doctor-model-ok", model=name, where=where)


def _tool() -> BaseTool:
    @tool
    def look_up(thing: str) -> str:
        """The colour of a thing."""
        return thing

    return look_up


def _why(fault: ModelFault) -> str:
    if fault.kind != "down":
        return fault.kind
    return next((code for part, code in _WHY.items() if part in str(fault)), "other")
