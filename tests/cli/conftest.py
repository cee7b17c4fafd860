"""What an operator has configured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.children import Sandbox
from support.fake_openai import FakeOpenAI


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
def model() -> Iterator[FakeOpenAI]:
    """A language model's server."""
    with FakeOpenAI() as running:
        yield running
