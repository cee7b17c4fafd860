"""Checks with one small call that the language model answers and calls tools."""

from cli.finding import Finding, ok, problem, warning
from graph.tracing import no_tracing
from settings import Settings

SECONDS = 15.0
# part of the name of what the client raised -> what is wrong; a timeout is a connection error by name as well
_WHY = {
    "Timeout": "slow",
    "Authentication": "key",
    "PermissionDenied": "key",
    "NotFound": "model",
    "InvalidRequest": "model",
    "BadRequest": "model",
    "RateLimit": "limit",
    "Connection": "unreachable",
}


async def model_findings(settings: Settings) -> list[Finding]:
    """Ask the configured model to call one tool that does nothing."""
    if not settings.has_model:
        return [ok("model", "doctor-model-guided")]
    from langchain_core.messages import HumanMessage
    from langchain_core.tools import tool

    from graph.models import ModelFault, ask, open_model

    @tool
    def ready() -> str:
        """Say that you are ready."""
        return ""

    if not settings.tracing:
        no_tracing()
    key, name = settings.openai_api_key, settings.openai_model
    where = settings.openai_base_url or "OpenAI"
    try:
        secret = key.get_secret_value() if key else None
        async with open_model(model=name, api_key=secret, base_url=settings.openai_base_url) as model:
            answer = await ask(model, [ready], [HumanMessage("Call the tool ready.")], seconds=SECONDS)
    except ModelFault as fault:
        why = next((code for part, code in _WHY.items() if part in str(fault)), "other")
        return [problem("model", "doctor-model-bad", why=why, model=name, where=where)]
    if not answer.tool_calls:
        return [warning("model", "doctor-model-no-tools", model=name)]
    return [ok("model", "doctor-model-ok", model=name, where=where)]
