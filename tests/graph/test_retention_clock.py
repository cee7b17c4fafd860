"""Old data goes only by a clock that agrees with HubSpot's: what a wrong one finds too old may be of today."""

import asyncio
import sqlite3
import time
import warnings
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph import retention
from settings import Settings
from support.aged import age, rows
from support.children import Sandbox
from support.dated import clock, dated
from support.doctor import closed_port
from support.patience import patiently
from support.talk import Talk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Chainlit imports warns of itself
    from ui.history import History

YEARS = timedelta(days=730)
UPDATE = "ret stilling på mette.hansen@nordlys.example til Salgsdirektør"


@pytest.fixture(autouse=True)
def waits_for_the_first_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start goes on after two seconds, and a busy machine may need longer to ask for the time."""
    monkeypatch.setattr(retention, "START_SECONDS", patiently(20))


@pytest.fixture
async def kept(opener: Any, crm: Sandbox, tmp_path: Path) -> Path:
    """A folder with a conversation and a change that look two years old, as they do to a clock two years ahead."""
    async with opener(retention_days=0) as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.decide("approve")
    age(tmp_path, YEARS.days)
    return tmp_path


def left(folder: Path) -> tuple[int, int, int]:
    """How many lines and changes have values, and how many conversations there are."""
    return (
        rows(folder, "select count(*) from personal")[0][0],
        rows(folder, "select count(*) from changes where change != ''")[0][0],
        rows(folder, "select count(distinct thread_id) from checkpoints", "conversations.db")[0][0],
    )


@pytest.mark.parametrize("difference", [-YEARS, YEARS, timedelta(hours=-25), timedelta(hours=25)])
async def test_a_wrong_clock_erases_nothing(
    opener: Any, kept: Path, difference: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    """Where HubSpot's date is more than a day away, behind or ahead, all stays, and the log says what to mend."""
    with dated(clock(difference)) as url:
        async with opener(hubspot_api_url=url):
            pass
    assert left(kept) == (2, 1, 1)
    assert "clock and HubSpot's differ by more than a day" in caplog.text


@pytest.mark.parametrize("difference", [timedelta(0), timedelta(hours=-23), timedelta(hours=23)])
async def test_a_clock_that_is_nearly_right_erases(opener: Any, kept: Path, difference: timedelta) -> None:
    """Within a day of HubSpot's date what is old goes."""
    with dated(clock(difference)) as url:
        async with opener(hubspot_api_url=url):
            pass
    assert left(kept) == (0, 0, 0)


@pytest.mark.parametrize("status", [302, 401, 404, 500])
async def test_any_answer_tells_the_time(opener: Any, kept: Path, status: int) -> None:
    """A token that was revoked must not keep old data for ever: a refusal bears a date as well."""
    with dated(clock(timedelta(0)), status) as url:
        async with opener(hubspot_api_url=url):
            pass
    assert left(kept) == (0, 0, 0)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
async def test_without_a_date_nothing_goes(
    opener: Any, kept: Path, date: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer without a date that can be read proves nothing about the clock."""
    with dated(lambda: date) as url:
        async with opener(hubspot_api_url=url):
            pass
    assert left(kept) == (2, 1, 1)
    assert "HubSpot did not tell the time" in caplog.text


async def test_hubspot_that_is_down_is_not_guessed(opener: Any, kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where HubSpot cannot be asked nothing goes, and the assistant starts all the same."""
    async with opener(hubspot_api_url=f"http://127.0.0.1:{closed_port()}") as graph:
        assert await Talk(graph, "another").open()
    assert left(kept) == (2, 1, 2)
    assert "HubSpot did not tell the time" in caplog.text


async def test_it_is_tried_again_daily(opener: Any, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not erased by a wrong clock goes with the first daily try that the clocks agree at."""
    monkeypatch.setattr(retention, "DAY", 0.2)  # a test cannot wait for a day
    difference = -YEARS
    with dated(lambda: clock(difference)()) as url:
        async with opener(hubspot_api_url=url):
            await asyncio.sleep(1)
            assert left(kept) == (2, 1, 1)
            difference, ends = timedelta(0), time.monotonic() + patiently(20)
            while left(kept) != (0, 0, 0):
                assert time.monotonic() < ends
                await asyncio.sleep(0.05)


async def test_the_chats_history_goes_by_the_same_clock(tmp_path: Path) -> None:
    """The web chat's conversations stay where the clock is wrong, and go where it is right."""

    async def forget(keys: Iterable[str]) -> None:
        pass

    history = History(tmp_path / "chat.db", forget)
    await history.create_tables()
    with closing(sqlite3.connect(tmp_path / "chat.db")) as db:
        old = (datetime.now(UTC) - YEARS).isoformat().replace("+00:00", "Z")
        db.execute('insert into threads (id, "createdAt", "userIdentifier") values (?, ?, ?)', ("a", old, "local"))
        db.commit()
    for difference, threads in ((-YEARS, 1), (timedelta(0), 0)):
        with dated(clock(difference)) as url:
            async with retention.daily(lambda: history.expire(90), url):
                assert rows(tmp_path, "select count(*) from threads", "chat.db") == [(threads,)]
    await history.close()


def test_the_demo_asks_nobody() -> None:
    """Without a token there is no clock but this machine's, and HubSpot is not called."""
    assert Settings(_env_file=None).clock_url is None
    assert Settings(_env_file=None, hubspot_access_token="t").clock_url == "https://api.hubapi.com"
