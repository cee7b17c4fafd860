"""Several processes may each have a sandbox over the same file, started at the same moment."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from pathlib import Path

import httpx

from graph import open_assistant
from graph.embedded import Embedded, embedded_sandbox
from settings import Settings
from support.doctor import doctor
from support.talk import Graph, Talk

Opener = Callable[..., AbstractAsyncContextManager[Graph]]
CONTACTS = "/crm/v3/objects/contacts"


def answers(sandbox: Embedded) -> bool:
    answer = httpx.get(f"{sandbox.url}{CONTACTS}", headers={"Authorization": f"Bearer {sandbox.token}"})
    return answer.status_code == 200 and len(answer.json()["results"]) > 0


async def test_three_starts_at_one_moment(tmp_path: Path) -> None:
    """Of three assistants started together all work, over a new folder and over one that remembers a port."""
    for number in range(2):
        async with AsyncExitStack() as stack:
            settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}")
            opening = (stack.enter_async_context(open_assistant(settings)) for _ in range(3))
            for name, graph in enumerate(await asyncio.gather(*opening)):
                talk = Talk(graph, f"{number}-{name}")
                assert "**Mette Hansen**" in await talk.say("find mette.hansen@nordlys.example")


async def test_several_new_folders_at_one_moment(opener: Opener, tmp_path: Path) -> None:
    """Assistants that a process opens together over new folders each make their tables."""
    async with AsyncExitStack() as stack:
        urls = [f"sqlite:///{tmp_path}/{number}" for number in range(6)]
        opening = (stack.enter_async_context(opener(database_url=url)) for url in urls)
        graphs = await asyncio.gather(*opening)
        greetings = [await Talk(graph).open() for graph in graphs]
        assert all("HubSpot" in greeting for greeting in greetings)


async def test_a_port_is_kept_for_the_next_start(tmp_path: Path) -> None:
    """The first start's port is taken again; beside it a second start takes another, which nobody remembers."""
    async with embedded_sandbox(tmp_path) as first, embedded_sandbox(tmp_path) as beside:
        assert first.url != beside.url
        assert answers(first)
        assert answers(beside)
    async with embedded_sandbox(tmp_path) as again:
        assert again.url == first.url


async def test_a_taken_port_is_not_forgotten(tmp_path: Path) -> None:
    """Where another program listens on the remembered port, any other serves until it is free again."""
    async with embedded_sandbox(tmp_path) as first:
        pass
    with closing(socket.create_server(("127.0.0.1", int(first.url.rpartition(":")[2])))):
        async with embedded_sandbox(tmp_path) as other:
            assert other.url != first.url
            assert answers(other)
    async with embedded_sandbox(tmp_path) as again:
        assert again.url == first.url


async def test_the_doctor_leaves_a_running_chat_alone(tmp_path: Path) -> None:
    """Beside a running assistant ``make doctor`` finds its own sandbox, and neither port nor assistant change."""
    folder = tmp_path / "kept"
    settings = Settings(_env_file=None, database_url=f"sqlite:///{folder}")
    async with open_assistant(settings) as graph:
        before = (folder / "sandbox.port").read_text()
        said = await asyncio.to_thread(doctor, ASSISTANT_DATABASE_URL=f"sqlite:///{folder}")
        assert (said.status, said.level("Sandbox")) == (0, "ok"), said.text
        assert (folder / "sandbox.port").read_text() == before
        assert "**Mette Hansen**" in await Talk(graph).say("find mette.hansen@nordlys.example")


async def test_the_doctor_decides_no_port(tmp_path: Path) -> None:
    """In a folder where nothing was started yet, ``make doctor`` leaves the port to the first start."""
    async with embedded_sandbox(tmp_path, passing=True) as sandbox:
        assert answers(sandbox)
    assert not (tmp_path / "sandbox.port").exists()
