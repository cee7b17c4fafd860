"""The portal that the parity tests use: a sandbox, or a developer test account of HubSpot.

Where the account makes companies from email domains by itself, switch that off: the run cannot remove those companies.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

import httpx
import pytest
from hubspot import HubSpot
from hubspot.discovery.discovery_base import DiscoveryBase
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

HUBSPOT = "https://api.hubapi.com"
TEST_ACCOUNT = "DEVELOPER_TEST"
INDEXED_WITHIN = 60.0  # polls of recorded traffic always converged at 30 s
PAUSE = 0.25  # five searches a second are allowed (documented)
PATIENCE = 20.0
BATCH = 100
Answer = TypeVar("Answer")


class NotAllowed(Exception):
    """The portal must not be written to; the message is a sentence for the caller."""


@dataclass
class Portal:
    """The official client, with a list of everything that the run created, so that it can be archived."""

    client: HubSpot
    live: bool
    run: str = field(default_factory=lambda: f"run-{secrets.token_hex(4)}")
    made: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def contacts(self) -> Any:
        """Single contacts. The client opens connections anew on each access, so they are kept here."""
        return self.client.crm.contacts.basic_api

    @cached_property
    def batch(self) -> Any:
        """Contacts in batches."""
        return self.client.crm.contacts.batch_api

    @cached_property
    def searches(self) -> Any:
        """Searches over contacts."""
        return self.client.crm.contacts.search_api

    @cached_property
    def properties(self) -> Any:
        """Definitions of properties."""
        return self.client.crm.properties.core_api

    @cached_property
    def associations(self) -> Any:
        """Associations of version 4."""
        return self.client.crm.associations.v4.basic_api

    @property
    def domain(self) -> str:
        """The reserved domain of this run; no other run and no person has an address there."""
        return f"{self.run}.example.com"

    def email(self, name: str) -> str:
        """An address of this run."""
        return f"{name}@{self.domain}"

    def create(self, name: str | None = None, **properties: str) -> Any:
        """A new contact, with this run's address for ``name``."""
        email = {} if name is None else {"email": self.email(name)}
        return self.keep("contacts", self.contacts.create({"properties": email | properties}))

    def create_all(self, body: dict[str, Any]) -> list[Any]:
        """The new contacts of a batch."""
        return self.keep_all("contacts", self.batch.create(body).results)

    def keep(self, kind: str, record: Any) -> Any:
        """The record itself, which will be archived at the end."""
        self.made.setdefault(kind, []).append(record.id)
        return record

    def keep_all(self, kind: str, records: Iterable[Any]) -> list[Any]:
        """The records themselves, which will be archived at the end."""
        return [self.keep(kind, record) for record in records]

    def read(self, key: str, *properties: str, **how: Any) -> Any:
        """The values of a contact; ``id_property="email"`` by its address."""
        return self.contacts.get_by_id(key, properties=list(properties), **how).properties

    def search(self, **body: Any) -> Any:
        """The answer to a search for contacts."""
        return self.searches.do_search(body)

    def only_in_a_sandbox(self, why: str) -> None:
        """Skips the test in a real portal."""
        if self.live:
            pytest.skip(f"live: {why}")

    def clean(self) -> None:
        """Archives what the run created, and whatever else has an address of this run."""
        found = self.search(filterGroups=[{"filters": [_of_domain(self.domain)]}], limit=BATCH).results
        contacts = list(dict.fromkeys([*self.made.get("contacts", []), *(each.id for each in found)]))
        for start in range(0, len(contacts), BATCH):
            self.batch.archive({"inputs": [{"id": each} for each in contacts[start : start + BATCH]]})
        for kind, api in (
            ("companies", self.client.crm.companies.basic_api),
            ("notes", self.client.crm.objects.notes.basic_api),
            ("tasks", self.client.crm.objects.tasks.basic_api),
        ):
            for each in self.made.get(kind, []):
                api.archive(each)
        for name in self.made.get("properties", []):
            self.properties.archive("contacts", name)


def _of_domain(domain: str) -> dict[str, str]:
    return {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": f"*@{domain}"}


def eventually(look: Callable[[], Answer], expected: Answer) -> None:
    """Ask until the answer is the expected one, for a minute at most: the search index lags (recorded)."""
    deadline = time.monotonic() + INDEXED_WITHIN
    while (seen := look()) != expected and time.monotonic() < deadline:
        time.sleep(PAUSE)
    assert seen == expected


def refused(status: int, call: Callable[..., Any], *arguments: Any, **how: Any) -> dict[str, Any]:
    """The body of a refusal with this status; its correlation id is in the headers too (observed)."""
    try:
        call(*arguments, **how)
    except Exception as problem:  # every package of the client has exceptions of its own, without a common base
        error: Any = problem
    else:
        pytest.fail(f"was not refused with {status}")
    assert getattr(error, "status", None) == status, error
    body = dict(json.loads(error.body))
    assert body["status"] == "error" and body["correlationId"] == error.headers["X-HubSpot-Correlation-Id"]
    return body


def status_of(call: Callable[..., Any], *arguments: Any, **how: Any) -> tuple[int, Any]:
    """Status and model of a call ``…_with_http_info``."""
    model, status, _ = call(*arguments, _return_http_data_only=False, **how)
    return status, model


def connected(url: str, token: str, live: bool, version: str = "v3") -> Portal:
    """The portal at this address, by the paths of this version."""
    factory = partial(_patient, version)
    return Portal(HubSpot(access_token=token, host=url, retry=False, api_factory=factory), live)


def live_portal(wanted: str, version: str = "v3") -> Portal:
    """The portal of HUBSPOT_ACCESS_TOKEN; NotAllowed unless it has this id and is a developer test account."""
    token = os.environ.get("HUBSPOT_ACCESS_TOKEN", "").strip()
    url = os.environ.get("HUBSPOT_API_URL", HUBSPOT).rstrip("/")
    if not token:
        raise NotAllowed("--portal needs HUBSPOT_ACCESS_TOKEN, the token of that developer test account.")
    try:
        answer = httpx.get(
            f"{url}/account-info/v3/details", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE
        )
        details = answer.raise_for_status().json()
        found, kind = str(details["portalId"]), details["accountType"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
        raise NotAllowed(f"The account behind HUBSPOT_ACCESS_TOKEN could not be checked: {problem!r}.") from None
    if found != wanted:
        raise NotAllowed(f"--portal says {wanted}, but the token belongs to account {found}; nothing was written.")
    if kind != TEST_ACCOUNT:
        raise NotAllowed(f"Account {found} is of type {kind}; the parity tests write to {TEST_ACCOUNT} accounts only.")
    return connected(url, token, True, version)


def pages(fetch: Callable[[str | None], Any], most: int = 50) -> Iterator[Any]:
    """Every record of all pages; ``fetch`` takes what the page before named as ``after``."""
    after: str | None = None
    for _ in range(most):
        page = fetch(after)
        yield from page.results
        if page.paging is None:
            return
        after = page.paging.next.after
    raise AssertionError(f"more than {most} pages")


def _patient(version: str, package: Any, name: str, configuration: Any) -> Any:
    """An API of the client whose calls end in time, and wait where a rate limit refused them: nothing was done then.

    A dated version has paths of its own for records, properties and owners (documented); the client knows only v3.
    """
    api = DiscoveryBase._default_api_factory(package, name, configuration)
    plain = api.api_client.call_api
    limited = retry_if_exception(lambda error: getattr(error, "status", None) == 429)

    def call(path: str, *arguments: Any, **how: Any) -> Any:
        if version != "v3":
            path = re.sub(r"^/crm/v3/(objects|properties|owners)", rf"/crm/\1/{version}", path)
        how["_request_timeout"] = how.get("_request_timeout") or PATIENCE
        again = Retrying(retry=limited, wait=wait_fixed(1.1), stop=stop_after_delay(PATIENCE), reraise=True)
        return again(plain, path, *arguments, **how)

    api.api_client.call_api = call
    return api
