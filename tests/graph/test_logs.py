"""Libraries log no addresses, statements or requests, whatever level somebody gives a part of one."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from graph.logs import quiet_libraries
from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
PARTS = ("urllib3.connectionpool", "aiosqlite", "sqlalchemy.engine.Engine", "openai._base_client")


@pytest.fixture
def parts() -> Iterator[list[logging.Logger]]:
    """Loggers of libraries, which keep no level from a test."""
    loggers = [logging.getLogger(name) for name in PARTS]
    before = [logger.level for logger in loggers]
    yield loggers
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("later", [False, True])
def test_a_part_with_a_level_of_its_own(
    parts: list[logging.Logger], later: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A part of a library that was set to DEBUG by itself, before or later, logs its warnings and no more."""
    if later:
        quiet_libraries()
    for logger in parts:
        logger.setLevel(logging.DEBUG)
    if not later:
        quiet_libraries()
    for logger in parts:
        logger.debug("%s said", METTE)
        logger.info("%s said", METTE)
        logger.warning("%s has trouble", logger.name)
    assert METTE not in caplog.text
    assert [record.name for record in caplog.records] == list(PARTS)


async def test_an_address_is_in_no_log(
    opener: Any, crm: Sandbox, parts: list[logging.Logger], caplog: pytest.LogCaptureFixture
) -> None:
    """With the logger of HTTP connections at DEBUG, a contact that is looked up by email is not named in the log."""
    for logger in parts:
        logger.setLevel(logging.DEBUG)
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(f"ret stilling på {METTE} til CFO")
        assert talk.rows == {"jobtitle": ("Salgschef", "CFO")}
    assert "mette" not in caplog.text
