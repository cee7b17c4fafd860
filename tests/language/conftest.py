"""What the tests of ``language`` share with those of ``crm``: the sandbox's portal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.children import Sandbox
from support.undoing import Undoing, opened_portal


@pytest.fixture
async def person(crm: Sandbox, tmp_path: Path) -> AsyncIterator[Undoing]:
    """Somebody whose words are read with the schema of the sandbox's portal."""
    async with opened_portal(crm, tmp_path) as portal:
        yield Undoing(portal)
