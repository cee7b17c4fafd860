"""The web chat's entry point: ``python -m ui``, or ``chainlit run ui/app.py``."""
# ruff: noqa: E402  # the path comes before the imports that it is for

import asyncio
import logging
import os
import sys
import webbrowser
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NoReturn

# Chainlit puts this folder first on the path while it loads this file, and then takes the first away
sys.path[:1] = [str(Path(__file__).parent.parent)] * 2

import chainlit as cl
from chainlit import server
from chainlit.auth import create_jwt, get_token_from_cookies, set_auth_cookie
from chainlit.auth.jwt import decode_jwt
from chainlit.config import config
from chainlit.context import init_ws_context
from chainlit.session import WebsocketSession
from jwt import InvalidTokenError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

import prompts
from crm.domain import StoreError
from crm.store import CHATS, UnusableDatabase, set_aside, typed_errors, unusable
from graph import open_assistant
from graph.embedded import SandboxError
from graph.retention import daily
from graph.tracing import no_tracing
from settings import SettingsError, load_settings
from ui import callbacks, chats, door, errors, page, startup
from ui.conversation import Conversation
from ui.frames import background
from ui.history import History
from ui.offers import CHOICES


def refuse(sentence: str) -> NoReturn:
    """End the process before anything is served, with a sentence for the operator."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


startup.quiet()
startup.believe_no_proxy()
errors.tell_no_texts()
for name in ("", "chainlit"):
    # what libraries say at INFO may hold addresses with people in them
    logging.getLogger(name).setLevel(logging.WARNING)
# it warns at every page in a language whose help is chainlit.md
logging.getLogger("chainlit").addFilter(lambda record: record.module != "markdown")
try:
    settings = load_settings()
    say = prompts.load(settings.prompts_dir).say
except (SettingsError, prompts.PromptError) as error:
    refuse(str(error))
if not settings.tracing:
    no_tracing()
terminal = startup.language(settings.language)
if config.run.host not in startup.LOOPBACK:
    refuse(say(terminal, "ui-host-refused", host=config.run.host))
if startup.port_is_taken(config.run.host, config.run.port):
    refuse(say(terminal, "ui-port-taken", host=config.run.host, port=str(config.run.port)))
try:
    with typed_errors():
        aside, secret = set_aside(settings.var_dir), startup.secret(settings.var_dir)
except StoreError as error:
    refuse(str(unusable(settings.var_dir, error.why)))
except UnusableDatabase as error:
    refuse(str(error))
if aside:
    print(say(terminal, "moved-aside", folder=str(aside)), flush=True)
os.environ["CHAINLIT_AUTH_SECRET"] = secret
token = startup.chat_token(settings.chat_token.get_secret_value() if settings.chat_token else None, secret)
# the browser is opened below, at the address that lets it in
opens_browser, config.run.headless = not config.run.headless, True
if settings.language != "auto":
    config.ui.language = page.labels(settings.language)

LOCAL = cl.User(identifier="local")


def sign_in(request: Request, response: Response) -> None:
    """Sign in the user of this machine together with the page; the Guard keeps everyone else out."""
    try:
        decode_jwt(get_token_from_cookies(request.cookies) or "")
    except InvalidTokenError:
        set_auth_cookie(request, response, create_jwt(LOCAL))


def spoken(tag: str) -> str:
    """The language of the settings, or else the one for a browser of this language."""
    return page.spoken(tag) if settings.language == "auto" else settings.language


def language_asked(headers: Headers) -> str:
    """The language in which a request is answered."""
    return spoken(headers.get("accept-language", "")[:2])


def refusal(headers: Headers) -> str:
    """The page for another account, in the language of its browser."""
    language = language_asked(headers)
    return page.sentence(say(language, "ui-door-closed" if token == door.OFF else "ui-door-token"), language)


def no_files(headers: Headers) -> str:
    """Why a file is not taken, in the language of the browser."""
    return say(language_asked(headers), "ui-no-files")


if settings.read_only:
    for choice in ("create", "update"):
        del CHOICES[choice]

server.get_html_template = page.only_ours(server.get_html_template, settings.language)
server.app.add_middleware(page.SpokenLabels)
server.app.add_middleware(page.SignIn, sign_in=sign_in)
server.app.add_middleware(door.Allowed, no_files=no_files)
server.app.add_middleware(door.SameAccount, token=token, cookie=f"contacts_token_{config.run.port}", explain=refusal)
server.app.add_middleware(page.Guard, policy=page.policy(server.get_html_template("")))

resources = AsyncExitStack()
graph: Any = None


async def forget(keys: Iterable[str]) -> None:
    """Delete what the graph remembers of these conversations, also from the log of its file."""
    await graph.checkpointer.forget(keys)


history = History(settings.var_dir / CHATS, forget)


@cl.data_layer
def data_layer() -> History:
    return history


@cl.on_app_startup
async def start() -> None:
    global graph
    try:
        await history.create_tables()
        graph = await resources.enter_async_context(open_assistant(settings))
    except (SettingsError, SandboxError, UnusableDatabase) as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(2)  # an exception would be logged by the server, and end it with another status
    if days := settings.retention_days:
        await resources.enter_async_context(daily(lambda: history.expire(days), settings.clock_url))
    announcing = asyncio.create_task(announce())
    resources.callback(announcing.cancel)


async def announce() -> None:
    """Print the address of the chat once it answers."""
    if await startup.listening(config.run.host, config.run.port):
        address = startup.url(config.run.host, config.run.port)
        with_token = startup.url(config.run.host, config.run.port, "" if token == door.OFF else token)
        print(say(terminal, "ui-serving", url=with_token), flush=True)
        if opens_browser:
            # on Linux the system tells who connects, and every account sees what a browser is started with
            webbrowser.open(address if sys.platform == "linux" else with_token)


@cl.on_app_shutdown
async def stop() -> None:
    await resources.aclose()


@cl.header_auth_callback
async def authenticate(headers: Any) -> cl.User:
    """Sign in again a page that lost its cookie while it was open."""
    return LOCAL


def conversation() -> Conversation:
    """The conversation of the current session."""
    session = cl.context.session
    assert isinstance(session, WebsocketSession)
    if session.thread_id in history.deleted:
        raise Deleted
    user = session.user.identifier if session.user else "local"
    return Conversation(graph, say, chats.key_of(user, session.thread_id), user, language_of(session))


def language_of(session: WebsocketSession) -> str:
    """The language of the settings, or else that of the browser."""
    return spoken(session.language)


class Deleted(Exception):
    """The conversation was deleted in another tab."""


async def apologise(error: Exception) -> None:
    if isinstance(error, Deleted):
        session = cl.context.session
        assert isinstance(session, WebsocketSession)
        await cl.Message(say(language_of(session), "ui-deleted")).send()  # type: ignore[no-untyped-call]
    else:
        await conversation().apologise(error)


guarded = callbacks.guarded(apologise)


@cl.on_chat_start
@guarded
async def on_chat_start() -> None:
    await conversation().open()


@cl.on_chat_resume
@guarded
async def on_chat_resume(thread: dict[str, Any]) -> None:
    background(conversation().resume(thread))


@cl.on_message
@guarded
async def on_message(message: cl.Message) -> None:
    await callbacks.keep_address()
    await conversation().hear(message.content)


@callbacks.busy
@guarded
async def on_choice(action: cl.Action) -> None:
    await callbacks.keep_address()
    await callbacks.stoppable(conversation().choose(str(action.payload.get("choice"))))


for language in prompts.LANGUAGES:
    for choice in CHOICES:
        cl.action_callback(say(language, f"button-{choice}"))(on_choice)


@cl.action_callback("select")
@callbacks.busy
@guarded
async def on_select(action: cl.Action) -> None:
    await callbacks.stoppable(conversation().select(str(action.payload.get("id"))))


@cl.action_callback("more")
@callbacks.busy
@guarded
async def on_more(action: cl.Action) -> None:
    await callbacks.stoppable(conversation().more())


@cl.action_callback("undo")
@callbacks.busy
@guarded
async def on_undo(action: cl.Action) -> None:
    await callbacks.stoppable(conversation().undo(str(action.payload.get("id"))))


@cl.action_callback("approve")
@cl.action_callback("edit")
@cl.action_callback("cancel")
@cl.action_callback("use")
@callbacks.busy
@guarded
async def on_decision(action: cl.Action) -> None:
    card_id, _, contact_id = str(action.payload.get("id")).partition(":")
    await conversation().decide(action.name, card_id, contact_id)  # type: ignore[arg-type]  # registered under these names


@server.sio.on("stop")  # type: ignore[untyped-decorator]  # in place of Chainlit's, which says an English sentence
async def on_stop(sid: str) -> None:
    session = WebsocketSession.get(sid)
    if session is None or session.current_task is None or session.current_task.done():
        # nothing runs, or a write that was approved, which is not cut off
        return
    init_ws_context(session)
    session.current_task.cancel()
    if session.thread_id in history.deleted:
        return
    await guarded(conversation().stopped)()


@cl.on_chat_end
async def on_chat_end() -> None:
    background(callbacks.forget_messages(cl.context.session.id))


async def is_kept(step_id: str) -> bool:
    return await history.get_step(step_id) is not None


door.only_ours(server.sio, is_kept)
