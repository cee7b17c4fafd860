"""The rate limits of HubSpot, kept without a refusal, and what happens when one comes all the same."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import limits
from crm.domain import errors
from crm.hubspot.gateway import Gateway
from crm.hubspot.rate_limiter import Lane, RateLimiter
from crm.hubspot.retries import Patience
from support.children import Sandbox, running_sandbox

Gates = Callable[..., Gateway]
METTE = "mette.hansen@nordlys.example"
DAILY = {"message": "You have reached your daily limit.", "category": "RATE_LIMITS", "policyName": "DAILY"}


@pytest.fixture
def limited() -> Iterator[Sandbox]:
    """A sandbox that enforces its limits, and of whose limits no other test has used anything."""
    with running_sandbox("--rate-limits", "on") as running:
        yield running


async def test_many_searches_at_once_are_all_answered(gates: Gates, limited: Sandbox) -> None:
    """More searches than HubSpot allows in a second are made in turn, and not one is refused."""
    gateway = gates(api_url=limited.url, patience=Patience())
    found = await asyncio.gather(*(gateway.search({"query": "mette", "limit": 1}) for _ in range(18)))
    assert all(page.contacts for page in found)
    assert {request["status"] for request in limited.requests()} == {200}


async def test_conversations_at_once_are_told_of_no_limit(tmp_path: Path) -> None:
    """Conversations that all search and create at the same time get everything done, and HubSpot refuses no call."""
    told, refused, created, _ = await limits.measure(tmp_path, conversations=8)
    assert told.met and refused.met and created.met


async def test_searches_do_not_hold_up_reads(gates: Gates, limited: Sandbox) -> None:
    """A read is answered while searches wait for their turn: it counts towards another limit."""
    gateway = gates(api_url=limited.url, patience=Patience())
    searches = [asyncio.create_task(gateway.search({"query": "mette", "limit": 1})) for _ in range(12)]
    await gateway.get_by_email(METTE, ["email"])
    assert not all(search.done() for search in searches)
    await asyncio.gather(*searches)


async def test_another_program_that_takes_the_limit_is_survived(gates: Gates, limited: Sandbox) -> None:
    """Searches that HubSpot refuses, as somebody else uses up the limit, are made again later."""
    for _ in range(5):
        limited.http.post("/crm/v3/objects/contacts/search", json={"limit": 1})
    gateway = gates(api_url=limited.url, patience=Patience())
    found = await asyncio.gather(*(gateway.search({"query": "mette", "limit": 1}) for _ in range(4)))
    assert all(page.contacts for page in found)
    assert 429 in {request["status"] for request in limited.requests()}


async def test_who_waits_too_long_for_a_turn_is_told(gates: Gates, crm: Sandbox) -> None:
    """A call that gets no turn in time ends with RateLimited, and HubSpot was not asked."""
    gateway = gates(patience=replace(Patience(), turn=0.2))
    found = await asyncio.gather(
        *(gateway.search({"query": "mette", "limit": 1}) for _ in range(8)), return_exceptions=True
    )
    refused = [error for error in found if isinstance(error, errors.RateLimited)]
    assert len(refused) == 3
    assert all(error.nothing_done for error in refused)
    assert len(crm.requests()) == 5


async def test_the_daily_limit_is_not_tried_again(gate: Gateway, crm: Sandbox) -> None:
    """A day's calls that are used up are an error of its own, after one call."""
    crm.forget()
    crm.fail(status=429, body=DAILY, times=None)
    with pytest.raises(errors.DailyLimit):
        await gate.get_by_email(METTE, ["email"])
    assert len(crm.requests()) == 1


async def test_the_limit_is_learned_from_the_answers(gate: Gateway) -> None:
    """What an answer says of the limit holds from then on."""
    gate.rate_limiter.other.most = 7
    await gate.get_by_email(METTE, ["email"])
    assert (gate.rate_limiter.other.most, gate.rate_limiter.other.seconds) == (100, 10.0)


@pytest.mark.parametrize("most", ["0", "-5", "many", "999999999"])
def test_a_limit_that_cannot_be_is_not_learned(most: str) -> None:
    """A header that makes no sense changes nothing."""
    rate_limiter = RateLimiter()
    rate_limiter.learn({"X-HubSpot-RateLimit-Max": most, "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"})
    assert rate_limiter.other.most == 100


async def test_places_are_given_in_the_order_of_arrival() -> None:
    """Nobody overtakes; who gives up leaves the place to the next."""
    lane, order = Lane(1, 0.05), []

    async def call(number: int) -> None:
        async with lane.place(5) as place:
            place.sent()
            order.append(number)

    tasks = [asyncio.create_task(call(number)) for number in range(6)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 1, 3, 4, 5]


async def test_a_place_counts_from_the_answer() -> None:
    """A window after the last answer, not after the sending, the next call goes out: the network may be slow."""
    lane = Lane(1, 0.2)
    async with lane.place(5) as place:
        place.sent()
        await asyncio.sleep(0.15)
        answered = time.monotonic()
    async with lane.place(5):
        assert time.monotonic() - answered >= 0.2


async def test_a_refusal_stops_everybody_until_one_call_is_let_in() -> None:
    """After a 429 all pause, one call tries, and the others follow when it was answered."""
    lane = Lane(10, 1.0)
    lane.first_pause = 0.1
    async with lane.place(5) as place:
        place.sent()
        lane.refused(place)
    paused = time.monotonic()
    async with lane.place(5) as probe:
        probe.sent()
        assert time.monotonic() - paused >= 0.09
        with pytest.raises(errors.NoTurn):
            async with lane.place(0.05):
                pass
    async with lane.place(0.05), lane.place(0.05):
        pass
