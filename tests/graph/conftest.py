"""The compiled graph over a sandbox in a process of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graph import open_assistant
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls
from support.talk import Graph, Talk

Opener = Callable[..., AbstractAsyncContextManager[Graph]]


@pytest.fixture
def server(fake_model: FakeOpenAI) -> FakeOpenAI:
    """An OpenAI-compatible server whose script the test writes."""
    return fake_model


@pytest.fixture
def settings(crm: Sandbox, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        hubspot_access_token=SANDBOX_TOKEN,
        hubspot_api_url=crm.url,
        database_url=f"sqlite:///{tmp_path}",
    )


@pytest.fixture
def opener(settings: Settings) -> Opener:
    """Opens the assistant over the sandbox, with changes to its settings."""

    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[Graph]:
        async with open_assistant(settings.model_copy(update=changes)) as graph:
            yield graph

    return opened


@pytest.fixture
async def talk(opener: Opener) -> AsyncIterator[Talk]:
    """A conversation with the guided model."""
    async with opener() as graph:
        yield Talk(graph)


@pytest.fixture
async def several(opener: Opener, server: FakeOpenAI) -> AsyncIterator[Talk]:
    """A card with two updates and a creation, all of it in the user's words."""
    wanted = {"mette.hansen@nordlys.example": "CFO", "mh@fjordbyg.example": "Formand"}
    updates = (
        ToolCall("update_contact", {"contact": who, "properties": {"jobtitle": title}}) for who, title in wanted.items()
    )
    creation = ToolCall("create_contact", {"properties": {"firstname": "Per", "email": "per@nordlys.example"}})
    async with opener(openai_base_url=server.base_url) as graph:
        server.play([calls(*updates, creation)])
        talk = Talk(graph)
        said = ", ".join(f"{who} er {title}" for who, title in wanted.items())
        await talk.say(f"{said}, og opret Per per@nordlys.example")
        yield talk
