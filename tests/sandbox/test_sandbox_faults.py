"""Planned failures: every kind, whom they hit, by chance, and that the sandbox outlives them."""

import re
import socket
import time
from typing import Any

import httpx
import pytest
import urllib3
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException, SimplePublicObjectInputForCreate

from support.patience import patiently

CONTACTS = "/crm/v3/objects/contacts"
NET = (urllib3.exceptions.HTTPError, httpx.HTTPError)


def create(client: HubSpot, **properties: str) -> Any:
    body = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return client.crm.contacts.basic_api.create(body, _request_timeout=5)


KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "500": ({"status": 500}, 0),
    "502 with a page": ({"status": 502, "html": True}, 0),
    "502 after the write": ({"status": 502, "html": True, "handled": True}, 1),
    "429": ({"status": 429}, 0),
    "423 with a header": ({"status": 423, "headers": {"Retry-After": "2"}}, 0),
    "delay": ({"delay": 0.05}, 1),
    "dropped before": ({"drop": "before"}, 0),
    "dropped after": ({"drop": "after"}, 1),
    "truncated": ({"truncate": True}, 1),
    "truncated, slowly": ({"truncate": True, "trickle": 20_000}, 1),
    "200 with a page": ({"html": "<h1>login</h1>"}, 0),
    "200 with a page after the write": ({"html": "<h1>login</h1>", "handled": True}, 1),
    "empty 200": ({"body": ""}, 0),
    "garbage": ({"body": "{garbage"}, 0),
    "not a contact": ({"status": 201, "body": {"results": []}}, 0),
    "wrong content type": ({"headers": {"Content-Type": "text/plain"}}, 1),
    "trickle": ({"trickle": 20_000}, 1),
    "204": ({"status": 204, "body": "more than nothing"}, 0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_sandbox_outlives_each_fault(sandbox: Any, client: HubSpot, kind: str) -> None:
    """Each kind of fault does or does not let the write take place, and the next call is answered as ever."""
    plan, written = KINDS[kind]
    sandbox.control("DELETE", "writes")
    sandbox.control("POST", "faults", {"match": {"method": "POST"}, **plan})
    try:
        create(client, firstname="Bo")
    except (*NET, ApiException, UnicodeDecodeError):
        pass
    assert len(sandbox.control("GET", "writes")["writes"]) == written
    assert sandbox.control("GET", "health")["faults"] == 0
    assert create(client, firstname="Bo").properties["firstname"] == "Bo"
    (hit, *_) = sandbox.control("GET", "requests")["requests"]
    assert hit["fault"] == plan


def test_trickle_takes_its_time(sandbox: Any) -> None:
    """A trickled answer is whole, and comes no faster than the bytes per second that were planned."""
    contact_id = sandbox.create(firstname="Bo")
    path = f"{CONTACTS}/{contact_id}"
    length = len(sandbox.http.get(path).content)
    sandbox.control("POST", "faults", {"trickle": 800})
    started = time.perf_counter()
    with sandbox.http.stream("GET", path) as answer:
        pieces = [(time.perf_counter() - started, piece) for piece in answer.iter_raw()]
    assert sum(len(piece) for _, piece in pieces) == length == int(answer.headers["content-length"])
    assert len(pieces) > 3 and pieces[-1][0] > (length - 80) / 800


def test_trickle_ends_with_its_client(sandbox: Any) -> None:
    """A client that leaves a trickled answer ends it, so that nothing goes on for hours."""
    sandbox.control("POST", "faults", {"trickle": 1})
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"GET {CONTACTS} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert client.recv(20).startswith(b"HTTP/1.1 401")
    deadline = time.monotonic() + patiently(5)
    while (entry := sandbox.control("GET", "requests")["requests"][0])["ms"] is None:
        assert time.monotonic() < deadline, "the answer still trickles"
        time.sleep(0.02)
    assert entry["ms"] < 5_000


def test_content_type_can_be_wrong(sandbox: Any) -> None:
    """A planned header replaces the answer's own, the content type too."""
    sandbox.control("POST", "faults", {"headers": {"Content-Type": "text/plain"}})
    answer = sandbox.http.get(CONTACTS)
    assert answer.headers.get_list("content-type") == ["text/plain"] and answer.json() == {"results": []}


def test_official_client_makes_an_empty_model_of_an_empty_answer(sandbox: Any, client: HubSpot) -> None:
    """An empty 200 becomes a model without an id in the official client, as with HubSpot (measured)."""
    contact_id = sandbox.create(firstname="Bo")
    sandbox.control("POST", "faults", {"body": ""})
    assert client.crm.contacts.basic_api.get_by_id(contact_id).id is None


def test_matching_by_expression_and_number(sandbox: Any) -> None:
    """A fault hits paths that match an expression, and with nth the third of them first."""
    match = {"path_matches": r"/contacts/\d+$", "nth": 3}
    sandbox.control("POST", "faults", {"match": match, "times": 2, "status": 503})
    contact_id = sandbox.create(firstname="Bo")
    statuses = []
    for _ in range(6):
        assert sandbox.http.get(CONTACTS).status_code == 200
        statuses.append(sandbox.http.get(f"{CONTACTS}/{contact_id}").status_code)
    assert statuses == [200, 200, 503, 503, 200, 200]


def by_chance(sandbox: Any, seed: int, rate: float, calls: int = 60) -> list[int]:
    sandbox.control("DELETE", "faults")
    faults = [{"status": 500}, {"status": 503}]
    plan = {"match": {"method": "GET"}, "random": {"seed": seed, "rate": rate, "faults": faults}}
    sandbox.control("POST", "faults", plan)
    statuses = []
    for _ in range(calls):
        assert sandbox.http.patch(CONTACTS + "/7", json={}).status_code == 400
        statuses.append(sandbox.http.get(CONTACTS).status_code)
    return statuses


def test_chance_is_the_same_again(sandbox: Any) -> None:
    """Random failures hang on the seed and the number of the matching request, and only on them."""
    first = by_chance(sandbox, 7, 0.3)
    assert by_chance(sandbox, 7, 0.3) == first != by_chance(sandbox, 8, 0.3)
    assert {200, 500, 503} == set(first) and 6 <= sum(status != 200 for status in first) <= 32


def test_chance_of_none_and_of_all(sandbox: Any) -> None:
    """A rate of 0 spares every request and a rate of 1 hits every one, until the faults are forgotten."""
    assert set(by_chance(sandbox, 1, 0, 10)) == {200}
    assert 200 not in by_chance(sandbox, 1, 1, 10)
    sandbox.control("DELETE", "faults")
    assert sandbox.http.get(CONTACTS).status_code == 200


@pytest.mark.parametrize(
    "plan",
    [
        {"status": 99},
        {"status": "500"},
        {"delay": -1},
        {"delay": 1e9},
        {"trickle": 0},
        {"html": 7},
        {"headers": {"X": "a\r\nb"}},
        {"headers": {"a b": "c"}},
        {"headers": {"Content-Length": "1"}},
        {"match": {"nth": 0}},
        {"match": {"path_matches": "("}},
        {"match": {"host": "x"}},
        {"random": {"rate": 2, "faults": [{"status": 500}]}},
        {"random": {"rate": 0.5, "faults": []}},
        {"random": {"rate": 0.5, "faults": [{"times": 2}]}},
        {"random": {"rate": 0.5, "faults": [{"status": 500}]}, "times": 2},
        {"random": 7},
    ],
)
def test_plans_that_cannot_be_are_refused(sandbox: Any, plan: dict[str, Any]) -> None:
    """A plan that would break an answer or means nothing is refused, and nothing is planned."""
    assert sandbox.http.post("/_sandbox/faults", json=plan).status_code == 400
    assert sandbox.control("GET", "health")["faults"] == 0


def test_half_a_character_is_refused(sandbox: Any) -> None:
    """A plan with half of a surrogate pair, which no answer could carry, is refused."""
    assert sandbox.http.post("/_sandbox/faults", content=b'{"html": "\\ud800"}').status_code == 400


def test_requests_tell_their_time(sandbox: Any) -> None:
    """The log tells the milliseconds that the server took, and null where nothing was planned to go wrong."""
    sandbox.control("POST", "faults", {"match": {"method": "POST"}, "delay": 0.1})
    sandbox.create(firstname="Bo")
    sandbox.http.get(CONTACTS)
    slow, quick = sandbox.control("GET", "requests")["requests"]
    assert slow["ms"] >= 100 > quick["ms"] > 0
    assert slow["fault"] == {"delay": 0.1} and quick["fault"] is None
    assert re.fullmatch(CONTACTS, quick["path"])
