"""What an operator has configured."""

import logging
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli.erase import main
from graph import open_assistant
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox, clean_environment
from support.fake_openai import FakeOpenAI
from support.talk import Talk

Erase = Callable[..., tuple[int, str]]
Write = Callable[..., Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A private folder for everything that is kept."""
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    return kept


@pytest.fixture
def live(crm: Sandbox, folder: Path) -> dict[str, str]:
    """The settings of an assistant with a token."""
    return crm.environment(folder)


@pytest.fixture
def model(fake_model: FakeOpenAI) -> FakeOpenAI:
    """A language model's server."""
    return fake_model


@pytest.fixture
def erase(live: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Erase:
    """Runs the command in a thread of this process, which saves its start; its status and what it printed.

    Without a terminal, as a script does: with ``--yes`` unless it is told not to.
    """

    def run(*arguments: str, yes: bool = True, **environment: str) -> tuple[int, str]:
        for name in set(os.environ) - set(clean_environment()):
            monkeypatch.delenv(name)
        for name, value in (live | {"ASSISTANT_LANGUAGE": "en"} | environment).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        try:
            with ThreadPoolExecutor(1) as thread:
                status = thread.submit(main, [*arguments, *(["--yes"] if yes else [])]).result()
        except SystemExit as ended:
            status = int(str(ended.code))
        finally:
            logging.disable(logging.NOTSET)
        said = capsys.readouterr()
        assert SANDBOX_TOKEN not in said.out + said.err
        return status, said.out

    return run


@pytest.fixture
def settings(crm: Sandbox, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        hubspot_access_token=SANDBOX_TOKEN,
        hubspot_api_url=crm.url,
        database_url=f"sqlite:///{folder}",
    )


@pytest.fixture
def write(settings: Settings) -> Write:
    """Sends each order in a conversation of its own, and approves it."""

    async def run(*orders: str) -> None:
        async with open_assistant(settings) as graph:
            for number, order in enumerate(orders):
                talk = Talk(graph, f"local:{number}")
                await talk.say(order)
                await talk.decide("approve")
                assert talk.statuses[-1] == "applied"

    return run
