"""The web chat in a process of its own over a sandbox, and a real browser."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from support.children import ROOT, Sandbox, clean_environment, free_port
from support.fake_openai import FakeOpenAI
from support.needs import chromium
from support.patience import patiently

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run", "--disable-quic"]
# without a graphics card, every frame of an animation costs a processor more than the chat itself
STILL = """addEventListener('DOMContentLoaded', () => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('*, *::before, *::after { animation: none !important; transition: none !important }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
})"""
PATIENCE_MS = patiently(15) * 1000
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Server:
    """``python -m ui`` as a child: it can be stopped, killed and started again on its port."""

    environment: dict[str, str]
    port: int
    log: Path
    child: subprocess.Popen[bytes] | None = field(default=None)
    root: Path = ROOT  # of the checkout that it runs

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "ui", "--port", str(self.port)]
            self.child = subprocess.Popen(command, cwd=self.root, env=self.environment, stdout=out, stderr=out)
        for _ in range(int(patiently(300))):
            assert self.child.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"the chat is not up in time:\n{self.log.read_text()}")

    @property
    def runs(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def folder(self) -> Path:
        """Where it keeps its files."""
        return Path(self.environment["ASSISTANT_DATABASE_URL"].removeprefix("sqlite:///"))

    def stop(self, how: int = signal.SIGTERM) -> None:
        assert self.child is not None
        self.child.send_signal(how)
        self.child.wait(patiently(20))


class Chat:
    """The chat as a person uses it, in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, path: str = "/") -> None:
        self.page.goto(self.url + path)
        expect(self.replies.first).to_be_visible()

    @property
    def replies(self) -> Locator:
        return self.page.locator("[data-step-type=assistant_message]")

    @property
    def last(self) -> Locator:
        return self.replies.last

    def say(self, text: str) -> None:
        """Writes a message, and waits until it is answered."""
        before = self.replies.count()
        self.send(text)
        self.settle(before)

    def send(self, text: str) -> None:
        """Writes a message. Enter does nothing until the page is connected, which the button beside the text shows."""
        self.page.locator("#chat-input").click()
        self.page.keyboard.insert_text(text)
        expect(self.page.locator("#chat-submit")).to_be_enabled()
        self.page.keyboard.press("Enter")

    def press(self, name: str) -> None:
        """Presses the newest button of this name, and waits until it is answered."""
        before = self.replies.count()
        self.button(name).click()
        self.settle(before)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).last

    def settle(self, before: int) -> None:
        # the first thing said gives the conversation its address, and the page is laid out anew for it
        self.page.wait_for_url("**/thread/**")
        expect(self.replies.nth(before)).to_be_visible()
        expect(self.page.locator("#stop-button")).to_have_count(0)

    def shows(self, text: str) -> None:
        expect(self.last).to_contain_text(text)


@pytest.fixture(scope="module")
def browsers() -> Iterator[Callable[[str], Browser]]:
    """A browser for each language: whatever a page emulates, its websockets ask in the browser's own (Chromium 150).

    It ends with its module: until then playwright's event loop runs, under which no asynchronous test can.
    """
    path, running = chromium(), dict[str, Browser]()
    with sync_playwright() as playwright:

        def of(locale: str) -> Browser:
            args = [*QUIET, f"--accept-lang={locale}"]
            return running.get(locale) or running.setdefault(
                locale, playwright.chromium.launch(executable_path=path, args=args)
            )

        yield of
        for each in running.values():
            each.close()


@pytest.fixture(scope="session")
def _server(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = make_server(shared_sandbox, tmp_path_factory.mktemp("chat"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(crm: Sandbox, _server: Server) -> Server:
    """The chat, shared by the tests that leave it running."""
    return _server


@pytest.fixture(scope="session")
def _restartable(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = make_server(shared_sandbox, tmp_path_factory.mktemp("restartable"))
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def restartable(crm: Sandbox, _restartable: Server) -> Server:
    """A chat that a test may stop, kill and start again, and that holds what earlier tests left in it."""
    if not _restartable.runs:  # a test failed between the two
        _restartable.start()
    return _restartable


@pytest.fixture
def model(fake_model: FakeOpenAI) -> FakeOpenAI:
    """The scripted model that ``model_server`` asks, without a script."""
    return fake_model


@pytest.fixture(scope="session")
def _model_server(
    shared_sandbox: Sandbox, shared_model: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = make_server(shared_sandbox, tmp_path_factory.mktemp("model"))
    server.environment["OPENAI_BASE_URL"] = shared_model.base_url
    server.start()
    yield server
    server.stop()


@pytest.fixture
def model_server(crm: Sandbox, model: FakeOpenAI, _model_server: Server) -> Server:
    """The chat that asks the scripted model, shared by the tests that leave it running."""
    return _model_server


@pytest.fixture
def more_settings() -> dict[str, str]:
    """What else a chat of the test's own is started with; a module may have its own."""
    return {}


@pytest.fixture
def own_server(crm: Sandbox, tmp_path: Path, more_settings: dict[str, str]) -> Iterator[Server]:
    """A chat of the test's own, which it may start again in another way."""
    server = make_server(crm, tmp_path)
    server.environment |= more_settings
    server.start()
    yield server
    server.stop(signal.SIGKILL)


def make_server(crm: Sandbox, folder: Path) -> Server:
    environment = clean_environment(**crm.environment(folder / "var"), LANG="da_DK.UTF-8", **extra())
    return Server(environment, free_port(), folder / "chat.log")


def extra() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT)} if "PYTHONPATH" not in os.environ else {}


@pytest.fixture
def tab(browsers: Callable[[str], Browser]) -> Iterator[Callable[..., Chat]]:
    """Opens tabs: of a browser of their own, or of the one of another tab."""
    contexts: list[BrowserContext] = []

    def opened(server: Server, *, locale: str = "da-DK", beside: Chat | None = None, **options: Any) -> Chat:
        if beside is not None:
            return Chat(beside.page.context.new_page(), server.url)
        context = browsers(locale).new_context(locale=locale, **options)
        context.add_init_script(STILL)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return Chat(context.new_page(), server.url)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def chat(server: Server, tab: Callable[..., Chat]) -> Chat:
    """A Danish browser with the chat open."""
    opened = tab(server)
    opened.open()
    return opened
