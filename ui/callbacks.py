"""Wraps Chainlit's callbacks: handles their errors, shows the page as busy, and lets Stop reach them."""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import chainlit as cl
from chainlit.chat_context import chat_contexts
from chainlit.config import config
from chainlit.session import ws_sessions_id

Callback = Callable[..., Awaitable[None]]
Apologise = Callable[[Exception], Awaitable[None]]


def guarded(apologise: Apologise) -> Callable[[Callback], Callback]:
    """Show a sentence with a reference if the callback fails; Chainlit would send the error's text to the browser."""

    def decorate(callback: Callback) -> Callback:
        @functools.wraps(callback)
        async def wrapper(*arguments: Any, **named: Any) -> None:
            try:
                await callback(*arguments, **named)
            except Exception as error:
                await apologise(error)

        return wrapper

    return decorate


def busy(callback: Callback) -> Callback:
    """Show the page as busy during a button's callback."""

    @functools.wraps(callback)
    async def wrapper(*arguments: Any, **named: Any) -> None:
        await cl.context.emitter.task_start()
        try:
            await callback(*arguments, **named)
        finally:
            await cl.context.emitter.task_end()

    return wrapper


async def keep_address() -> None:
    """Tell ``public/chat.js`` which conversation the page shows, so that a reload returns to it."""
    await cl.send_window_message({"conversation": cl.context.session.thread_id})


async def stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Let the Stop button cancel work that a button has started."""
    task = asyncio.create_task(work)
    cl.context.session.current_task = task
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise


async def forget_messages(session_id: str) -> None:
    """Drop the messages of a closed session; Chainlit keeps them until it ends."""
    await asyncio.sleep(config.project.session_timeout + 1)
    if session_id not in ws_sessions_id:
        chat_contexts.pop(session_id, None)
