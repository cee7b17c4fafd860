"""The embedded sandbox listens on a port that every account of the machine can reach."""

from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from graph.embedded import embedded_sandbox

PATHS = ("/crm/v3/objects/contacts", "/_sandbox/writes")


@pytest.mark.parametrize("path", PATHS)
async def test_the_published_token_opens_nothing(tmp_path: Path, path: str) -> None:
    """Contacts and the control API want a token that is made at each start and stands in no list of processes."""
    async with embedded_sandbox(tmp_path) as (url, token), httpx.AsyncClient(base_url=url) as client:
        for sent in ({}, {"Authorization": "Bearer pat-eu1-sandbox"}):
            assert (await client.get(path, headers=sent)).status_code == 401
        assert (await client.get(path, headers={"Authorization": f"Bearer {token}"})).status_code == 200
        assert not is_on_a_command_line(token)


def is_on_a_command_line(text: str) -> bool:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process that has ended meanwhile
            if text.encode() in file.read_bytes():
                return True
    return False
