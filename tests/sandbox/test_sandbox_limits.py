"""Rate limits: ten seconds, a second of searches, a day; the headers; and the counters."""

from collections.abc import Iterator
from typing import Any

import pytest

CONTACTS = "/crm/v3/objects/contacts"
HOUR = 3_600
PREFIX = "x-hubspot-ratelimit-"
SIZES = {"enforced": False, "window_max": 100, "search_max": 5, "daily_max": 250_000, "count_rejected": False}


@pytest.fixture
def limited(sandbox: Any) -> Iterator[Any]:
    """A sandbox that enforces its limits, with counters that stand at zero."""
    sandbox.control("POST", "rate-limits", {"enforced": True})
    sandbox.control("DELETE", "rate-limits")
    yield sandbox
    sandbox.control("POST", "rate-limits", SIZES)
    sandbox.control("DELETE", "rate-limits")


def statuses(sandbox: Any, calls: int) -> list[int]:
    return [sandbox.http.get(CONTACTS).status_code for _ in range(calls)]


def searches(sandbox: Any, calls: int) -> list[int]:
    return [sandbox.http.post(CONTACTS + "/search", json={}).status_code for _ in range(calls)]


def rate_headers(answer: Any) -> dict[str, str]:
    return {name.removeprefix(PREFIX): value for name, value in answer.headers.items() if name.startswith(PREFIX)}


def test_window_of_ten_seconds(limited: Any) -> None:
    """More calls than the window holds are refused with HubSpot's body, until ten seconds have passed."""
    limited.control("POST", "rate-limits", {"window_max": 12})
    assert statuses(limited, 14) == [200] * 12 + [429] * 2
    body = limited.http.get(CONTACTS).json()
    assert body["policyName"] == "TEN_SECONDLY_ROLLING" and body["category"] == "RATE_LIMITS"
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    limited.control("POST", "clock", {"advance": 10})
    assert statuses(limited, 1) == [200]


def test_searches_have_a_limit_of_their_own(limited: Any) -> None:
    """Five searches a second are allowed, beside the window, and the refusal has the recorded body and headers."""
    limited.control("POST", "rate-limits", {"window_max": 3})
    assert searches(limited, 5) == [200] * 5
    assert statuses(limited, 4) == [200, 200, 200, 429]
    refused = limited.http.post(CONTACTS + "/search", json={})
    assert refused.status_code == 429
    assert {name: refused.json()[name] for name in ("message", "category", "status")} == {
        "message": "You have reached your secondly limit.", "category": "RATE_LIMITS", "status": "error",
    }  # fmt: skip
    assert "policyName" not in refused.json() and "retry-after" not in refused.headers
    assert set(rate_headers(refused)) == {"daily", "daily-remaining"}
    limited.control("POST", "clock", {"advance": 1})
    assert searches(limited, 1) == [200]


def test_daily_limit_ends_at_midnight(limited: Any) -> None:
    """The daily limit holds for searches and all else, under its own name, until the account's midnight."""
    limited.control("POST", "rate-limits", {"daily_max": 3})
    assert [*statuses(limited, 2), *searches(limited, 2), *statuses(limited, 1)] == [200, 200, 200, 429, 429]
    body = limited.http.post(CONTACTS + "/search", json={}).json()
    assert body["policyName"] == "DAILY" and body["message"] == "You have reached your daily limit."
    hours = 0
    while statuses(limited, 1) == [429]:
        limited.control("POST", "clock", {"advance": HOUR})
        hours += 1
    assert 1 <= hours <= 25
    assert statuses(limited, 3) == [200, 200, 429]


def test_headers_of_the_limits(limited: Any) -> None:
    """Every answer but a search's carries the eight recorded headers, a search's only those of the day."""
    first = rate_headers(limited.http.get(CONTACTS))
    assert first == {
        "daily": "250000", "daily-remaining": "249999", "interval-milliseconds": "10000", "max": "100",
        "remaining": "99", "secondly": "10", "secondly-remaining": "9",
    }  # fmt: skip
    assert rate_headers(limited.http.get(CONTACTS + "/7"))["remaining"] == "98"
    assert rate_headers(limited.http.post(CONTACTS + "/search", json={})) == {
        "daily": "250000", "daily-remaining": "249997",
    }  # fmt: skip


def test_each_limit_can_be_lifted(limited: Any) -> None:
    """A limit of null is none, and the others hold on."""
    limited.control("POST", "rate-limits", {"window_max": None, "search_max": 1})
    assert statuses(limited, 110) == [200] * 110
    assert searches(limited, 2) == [200, 429]
    assert "max" not in rate_headers(limited.http.get(CONTACTS))
    limited.control("POST", "rate-limits", {"enforced": False})
    assert searches(limited, 9) == [200] * 9


def test_counters_tell_how_near_a_client_ran(limited: Any) -> None:
    """The counters hold the calls, the refusals, and the highest number in any ten seconds and any second."""
    limited.control("POST", "rate-limits", {"window_max": 10})
    statuses(limited, 7)
    limited.control("POST", "clock", {"advance": 11})
    statuses(limited, 12)
    limited.control("POST", "clock", {"advance": 11})
    statuses(limited, 1)
    searches(limited, 6)
    told = limited.control("GET", "rate-limits")
    assert (told["calls"], told["searches"], told["today"]) == (18, 5, 23)
    assert told["rejected"] == {"window": 2, "search": 1, "daily": 0}
    assert told["highest"] == {"window": 10, "search": 5}
    limited.control("DELETE", "rate-limits")
    told = limited.control("GET", "rate-limits")
    assert told["window_max"] == 10 and told["calls"] == told["today"] == told["highest"]["window"] == 0


def test_the_highest_is_counted_without_limits_too(limited: Any) -> None:
    """Where nothing is enforced the counters still tell what a client did."""
    limited.control("POST", "rate-limits", {"enforced": False, "window_max": 4})
    assert statuses(limited, 9) == [200] * 9
    told = limited.control("GET", "rate-limits")
    assert told["highest"]["window"] == 9 and told["rejected"]["window"] == 0


@pytest.mark.parametrize(("counted", "after"), [(False, 200), (True, 429)])
def test_whether_refused_calls_count(limited: Any, counted: bool, after: int) -> None:
    """Refused calls fill the window only with the switch for it."""
    limited.control("POST", "rate-limits", {"window_max": 2, "count_rejected": counted})
    assert statuses(limited, 2) == [200, 200]
    limited.control("POST", "clock", {"advance": 6})
    assert statuses(limited, 2) == [429, 429]
    limited.control("POST", "clock", {"advance": 6})
    assert statuses(limited, 1) == [after]


def test_a_call_without_the_token_counts_nowhere(limited: Any) -> None:
    """A 401 uses up no limit and carries no rate headers."""
    answer = limited.http.get(CONTACTS, headers={"Authorization": "Bearer other"})
    assert answer.status_code == 401 and rate_headers(answer) == {}
    assert limited.control("GET", "rate-limits")["today"] == 0


@pytest.mark.parametrize(
    "body", [{"enforced": 1}, {"window_max": 0}, {"daily_max": "9"}, {"search_max": True}, {"x": 1}]
)
def test_limits_that_cannot_be_are_refused(limited: Any, body: dict[str, Any]) -> None:
    """An unknown or impossible limit is refused and changes nothing."""
    before = limited.control("GET", "rate-limits")
    assert limited.http.post("/_sandbox/rate-limits", json=body).status_code == 400
    assert limited.control("GET", "rate-limits") == before


def test_limits_are_enforced_from_the_command_line(launch: Any) -> None:
    """With --rate-limits on they hold from the start."""
    running = launch("--rate-limits", "on", "--seed", "none")
    assert running.control("GET", "rate-limits")["enforced"] is True
    assert searches(running, 6) == [200] * 5 + [429]
