"""Builds the compiled graph from settings (the composition root).

Heavy libraries are imported where they are used, so that importing this module is cheap.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph, StateGraph

    from crm import Portal
    from graph.state import State
    from settings import Settings

logger = logging.getLogger(__name__)
SETTLE_SECONDS = 1.0  # how long a start waits for what a crash cut off; it is seen to all the same
RECURSION_LIMIT = 50  # supersteps; the caps on model and tool calls end a turn long before


@asynccontextmanager
async def open_assistant(
    settings: Settings | None = None,
    *,
    model: BaseChatModel | None = None,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> AsyncIterator[CompiledStateGraph[State, Any, Any, Any]]:
    """The compiled graph, over the CRM and the model that the settings name, for as long as the block lasts.

    ``settings``: default the environment's. ``model``: any LangChain chat model instead of the one that
    is configured. ``checkpointer``: default SQLite under ``settings.var_dir``. Raises SettingsError for a
    wrong environment or a database that cannot be used, and SandboxError where the embedded sandbox does not start.
    """
    from crm.store import CONVERSATIONS
    from graph.checkpoint import open_saver

    async with AsyncExitStack() as stack:
        settings = settings or _settings()
        with _files_are_settings():
            await asyncio.to_thread(_set_aside, settings)
            if checkpointer is None:
                checkpointer = await stack.enter_async_context(open_saver(settings.var_dir / CONVERSATIONS))
        graph = await _uncompiled(settings, model, stack, checkpointer)
        # langgraph has no public default for durability; without "sync" an approval is not on disk before its write
        bound: RunnableConfig = {"recursion_limit": RECURSION_LIMIT, "configurable": {"__pregel_durability": "sync"}}
        yield graph.compile(checkpointer=checkpointer).with_config(bound)


@asynccontextmanager
async def open_graph(settings: Settings | None = None) -> AsyncIterator[StateGraph[State, Any, Any, Any]]:
    """The same graph uncompiled, for a server that brings its own persistence."""
    async with AsyncExitStack() as stack:
        settings = settings or _settings()
        with _files_are_settings():
            await asyncio.to_thread(_set_aside, settings)
        yield await _uncompiled(settings, None, stack, None)


async def _uncompiled(
    settings: Settings, model: BaseChatModel | None, stack: AsyncExitStack, saver: BaseCheckpointSaver[Any] | None
) -> StateGraph[State, Any, Any, Any]:
    from crm import open_portal
    from crm.store import LEDGER
    from crm.write import keep_settled, settle_once
    from graph.build import build_graph as build
    from graph.embedded import embedded_sandbox
    from graph.models import open_model
    from graph.retention import daily, sweep
    from prompts import load

    prompts = await asyncio.to_thread(load, settings.prompts_dir)
    if settings.hubspot_access_token:
        url, token = settings.hubspot_api_url, settings.hubspot_access_token.get_secret_value()
    else:
        url, token = await stack.enter_async_context(embedded_sandbox(settings.var_dir))
    opening = open_portal(
        token=token,
        api_url=url,
        api_version=settings.hubspot_api_version,
        ledger=settings.var_dir / LEDGER,
        region=settings.region,
        read_only=settings.read_only,
        defaults=settings.new_contact_defaults,
        changes_per_hour=settings.changes_per_hour,
        owner=settings.owner,
    )
    with _files_are_settings():
        portal = await stack.enter_async_context(opening)
    if days := settings.retention_days:
        await stack.enter_async_context(daily(lambda: sweep(portal.ledger.database, saver, days), settings.clock_url))
    settling = asyncio.create_task(settle_once(portal))
    stack.push_async_callback(_stop, settling)
    await asyncio.wait({settling}, timeout=SETTLE_SECONDS)
    stack.push_async_callback(_stop, asyncio.create_task(keep_settled(portal)))
    if model is None and settings.has_model:
        key = settings.openai_api_key
        opening_model = open_model(
            model=settings.openai_model,
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            call_seconds=settings.model_seconds,
            turn_seconds=settings.turn_seconds,
        )
        model = await stack.enter_async_context(opening_model)
    return build(
        model=model,
        crm=portal,
        prompts=prompts,
        language=settings.language,
        changes_per_card=settings.changes_per_card,
        model_calls_per_day=settings.model_calls_per_day,
        tokens_per_day=settings.tokens_per_day,
        model_seconds=settings.model_seconds,
        turn_seconds=settings.turn_seconds,
        tracing=settings.tracing,
    )


def build_graph(*, model: BaseChatModel | None, crm: Portal, **options: Any) -> StateGraph[State, Any, Any, Any]:
    """The uncompiled graph over an open portal; see ``graph.build.build_graph`` for the options."""
    from graph.build import build_graph as build

    return build(model=model, crm=crm, **options)


@contextmanager
def _files_are_settings() -> Iterator[None]:
    """Raise SettingsError where a database cannot be used: the settings name the folder."""
    from crm.store import UnusableDatabase
    from settings import SettingsError

    try:
        yield
    except UnusableDatabase as error:
        raise SettingsError(str(error)) from None


def _set_aside(settings: Settings) -> None:
    """Move the files of a version before 0.1.0 aside, and log where they are."""
    from crm.store import set_aside
    from prompts import load

    if folder := set_aside(settings.var_dir):
        language = "da" if settings.language == "auto" else settings.language
        logger.warning(load(settings.prompts_dir).say(language, "moved-aside", folder=str(folder)))


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _settings() -> Settings:
    from settings import load_settings

    return load_settings()
