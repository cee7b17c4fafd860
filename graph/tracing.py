"""Switches tracing to outside services off, whatever the environment says, unless ``ASSISTANT_TRACING`` is on."""

import os

TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")


def no_tracing() -> None:
    """Switches off LangSmith and OpenTelemetry for this process."""
    os.environ.update(dict.fromkeys(TRACING, "false"), OTEL_SDK_DISABLED="true")
    from langsmith.utils import get_env_var

    get_env_var.cache_clear()  # type: ignore[attr-defined]  # it may have read the environment before
