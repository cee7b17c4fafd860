"""Everything that people want of a list of contacts: in words and as a model's call, to the last one of many."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.portal import Portal, open_portal
from crm.search import search
from crm.search.paging import MOST_RESULTS, results_from
from graph import open_assistant
from guided.policy import decide
from guided.turn import Call
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox, running_sandbox
from support.talk import Talk
from support.wanted import WANTED, Wanted, people

SAMPLE, ALL = 12_000, 100_000
COUNT = re.compile(r"([\d.,\u202f ]+) (?:kontakter|contacts)|\b(én kontakt|one contact)")


@pytest.fixture(scope="module", params=[SAMPLE, pytest.param(ALL, marks=pytest.mark.proof)])
def crowd(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, list[dict[str, Any]]]]:
    """A sandbox with many contacts, and who they are."""
    with running_sandbox("--db", ":memory:", "--seed", f"people:{request.param}") as sandbox:
        listed = sandbox.http.get("/crm/v3/owners").json()["results"]
        owners = {owner["id"]: f"{owner['firstName']} {owner['lastName']}" for owner in listed}
        yield sandbox, people(request.param, owners)


@pytest.fixture
async def portal(crowd: tuple[Sandbox, list[dict[str, Any]]], tmp_path: Path) -> AsyncIterator[Portal]:
    opening = open_portal(token=SANDBOX_TOKEN, api_url=crowd[0].url, ledger=tmp_path / "l.db", owner="Sofie Lind")
    async with opening as opened:
        yield opened


def arguments(words: str) -> dict[str, Any]:
    """The call of the tool to which words lead."""
    step = decide(words, {}, "DK")
    assert isinstance(step, Call), (words, step)
    assert step.name == "search_contacts"
    return step.arguments


@pytest.mark.parametrize("wanted", WANTED, ids=lambda w: w.english)
async def test_words_and_calls_find_the_same_contacts(
    crowd: tuple[Sandbox, list[dict[str, Any]]], portal: Portal, wanted: Wanted
) -> None:
    """A model's call, a Danish and an English request find the contacts that plain Python selects from the seed."""
    fit = [person for person in crowd[1] if wanted.fits(person)]
    if wanted.order:
        fit.sort(key=wanted.order, reverse=wanted.falling)
    calls = [
        {"query": "", "filters": wanted.filters, "sort": wanted.sort},
        *map(arguments, (wanted.danish, wanted.english)),
    ]
    for given in calls:
        found = await search(portal, **given, me=portal.owner)
        assert found.total == len(fit), given
        assert [c.properties["lastname"] for c in found.contacts] == [p["lastname"] for p in fit[:10]], given


# by id, by many values, by one that more contacts have than HubSpot shows, and by one that many lack
SORTS = ["", "-lastname", "country", "-hs_lead_status"]
MORE_SORTS = [pytest.param(sort, marks=pytest.mark.proof) for sort in ("lastname", "-createdate")]


@pytest.mark.parametrize("sort", [*SORTS, *MORE_SORTS])
async def test_a_list_goes_on_to_its_last_contact(
    crowd: tuple[Sandbox, list[dict[str, Any]]], portal: Portal, sort: str
) -> None:
    """Pages follow each other without a gap or a doubling, also past the 10,000 results that HubSpot shows."""
    body = {"properties": ["lastname"], "limit": 200, "sorts": [_sort(sort)] if sort else []}
    total = len(crowd[1])
    starts = [0, MOST_RESULTS - 200, MOST_RESULTS - 100, MOST_RESULTS, MOST_RESULTS + 200, total - 150]
    seen = {start: [c.id for c in (await results_from(portal, body, start)).contacts] for start in starts}
    assert [len(ids) for ids in seen.values()] == [200, 200, 200, 200, 200, 150]
    assert seen[starts[1]][100:] == seen[starts[2]][:100]
    assert seen[starts[2]][100:] == seen[starts[3]][:100]
    assert len({i for start in (starts[0], starts[1], starts[3], starts[4], starts[5]) for i in seen[start]}) == 950
    last = await results_from(portal, body, total - 1)
    assert (len(last.contacts), last.total) == (1, total)
    assert (await results_from(portal, body, total)).contacts == []


def _sort(sort: str) -> dict[str, str]:
    return {"propertyName": sort.removeprefix("-"), "direction": "DESCENDING" if sort[0] == "-" else "ASCENDING"}


async def test_the_chat_says_how_many_and_turns_the_pages(
    crowd: tuple[Sandbox, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The reply counts as the list of people does; "vis flere" and the button show the same next page."""
    settings = Settings(
        _env_file=None,
        hubspot_access_token=SANDBOX_TOKEN,
        hubspot_api_url=crowd[0].url,
        database_url=f"sqlite:///{tmp_path}",
    )
    customers = sum(person["lifecyclestage"] == "customer" for person in crowd[1])
    async with open_assistant(settings) as graph:
        typed, pressed = Talk(graph, "typed"), Talk(graph, "pressed")
        for talk in (typed, pressed):
            said = await talk.say("hvor mange kunder har vi?")
            assert re.sub(r"\D", "", COUNT.search(said)[1]) == str(customers)  # type: ignore[index]
        await typed.say("vis flere")
        await pressed.press("more")
        pages = [(await talk.values())["desk"]["shown"] for talk in (typed, pressed)]
        assert pages[0] == pages[1]
        assert [contact["n"] for contact in pages[0]] == list(range(11, 21))
        first = await typed.say("vis nummer 12")
        assert pages[0][1]["name"] in first
