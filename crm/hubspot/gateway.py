"""The gateway to HubSpot: an async facade over the official, synchronous client.

How a call is sent, repeated and bounded: ``crm/calls.py``. What a refusal means: ``crm/answers.py``. Here it is said
which calls there are, and which of them may be repeated. The client makes an empty model of an answer that is not
HubSpot's, and a new connection for every access to an api, so models are checked and the api objects are kept.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from hubspot import HubSpot

from crm.domain import Account, Contact, Found, Owner, Schema, Version, errors, read_property
from crm.hubspot import read_models
from crm.hubspot.rate_limiter import RateLimiter
from crm.hubspot.retries import THREADS, Calls, Patience
from crm.hubspot.transport import Seen, Transport, client_api

CALL_SECONDS = Patience().call  # a call takes no longer, with every wait and every attempt
CONTACTS = "contacts"
CORRELATION = "X-HubSpot-Correlation-Id"
ATTACHED = ("notes", "tasks")
BATCH = 100  # most ids in one batch (documented)
OWNERS, OWNER_PAGES = 500, 50


class Gateway:
    """HubSpot's contacts, properties, owners and account details, in the version of its API that is named.

    Takes the token, the API's address and ``v3`` or a dated version. Every method raises errors of
    ``crm.domain.errors`` and no others: Unavailable where HubSpot cannot answer, Refused where it says no.
    One gateway serves all conversations. ``rate_limiter``: limits that are not HubSpot's.
    """

    def __init__(
        self, *, token: str, api_url: str, api_version: str = "v3", patience: Patience | None = None,
        rate_limiter: RateLimiter | None = None,
    ) -> None:  # fmt: skip
        self._api_url = api_url.rstrip("/")
        transport = Transport(threads=THREADS, api_version=api_version)
        self._calls = Calls(transport, patience or Patience(), rate_limiter or RateLimiter())
        self.rate_limiter = self._calls.rate_limiter
        factory = partial(client_api, transport=transport)
        client = HubSpot(access_token=token, host=self._api_url, api_factory=factory)
        self._basic = client.crm.contacts.basic_api
        self._batch = client.crm.contacts.batch_api
        self._search = client.crm.contacts.search_api
        self._properties = client.crm.properties.core_api
        self._owners = client.crm.owners.owners_api
        self._records_url = ""

    def close(self) -> None:
        """Ends the threads; a call under way ends in its own time."""
        self._calls.close()

    async def get(
        self, contact_id: str, properties: Sequence[str], history: Sequence[str] = (), *, archived: bool = False
    ) -> Contact:
        """The contact with this id among those that are (not) archived, with all earlier values of ``history``.

        Raises NotFound.
        """
        options: dict[str, Any] = {"properties_with_history": list(history)} if history else {}
        options |= {"archived": True} if archived else {}
        call = partial(self._basic.get_by_id, _known(contact_id), properties=list(properties), **options)
        return await self._calls.run(call, self._contact)

    async def attached(self, contact_id: str) -> list[str]:
        """The kinds of work that people attached to the contact: notes, tasks. Raises NotFound as ``get`` does."""

        def kinds(answer: Any, seen: Seen) -> list[str]:
            self._contact(answer, seen)
            return [kind for kind, found in (answer.associations or {}).items() if found and found.results]

        return await self._calls.run(
            partial(self._basic.get_by_id, _known(contact_id), associations=list(ATTACHED)), kinds
        )

    async def get_by_email(self, email: str, properties: Sequence[str]) -> Contact:
        """The contact with this address, primary or additional; without lag, unlike a search."""
        if "@" not in email:
            raise errors.NotFound()
        call = partial(self._basic.get_by_id, email, id_property="email", properties=list(properties))
        return await self._calls.run(call, self._contact)

    async def search(self, request: Mapping[str, Any]) -> Found:
        """The contacts that match HubSpot's search request (query, filterGroups, properties, limit, after).

        The index lags behind writes by seconds, the records that come back are live.
        """

        def found(answer: Any, seen: Seen) -> Found:
            if answer.results is None or answer.total is None:
                raise errors.CrmDown()
            return Found([self._contact(r, seen) for r in answer.results], answer.total)

        return await self._calls.run(partial(self._search.do_search, dict(request)), found, search=True)

    async def batch_read(
        self, ids: Sequence[str], properties: Sequence[str], *, archived: bool = False
    ) -> list[Contact]:
        """The contacts with these ids that are (not) archived, in any order. Others are simply not among them."""

        def found(answer: Any, seen: Seen) -> list[Contact]:
            if answer.results is None:
                raise errors.CrmDown()
            return [self._contact(r, seen) for r in answer.results]

        contacts: list[Contact] = []
        known = [contact_id for contact_id in dict.fromkeys(ids) if _is_id(contact_id)]
        for start in range(0, len(known), BATCH):
            inputs = [{"id": contact_id} for contact_id in known[start : start + BATCH]]
            body = {"inputs": inputs, "properties": list(properties), "propertiesWithHistory": []}
            contacts += await self._calls.run(partial(self._batch.read, body, archived=archived), found)
        return contacts

    async def history(self, contact_id: str, properties: Sequence[str]) -> dict[str, list[Version]]:
        """The values that the properties had, newest first. Raises NotFound as ``get`` does."""
        found = await self.get(contact_id, (), history=properties)
        return {name: list(versions) for name, versions in found.history.items()}

    async def create(self, properties: Mapping[str, str]) -> Contact:
        """The contact that was created. Raises Conflict (contact_id) where the email is taken, Invalid (property).

        Never made again where HubSpot may have created it: Unavailable then says ``nothing_done`` False.
        """
        call = partial(self._basic.create, {"properties": dict(properties), "associations": []})
        return await self._calls.run(call, self._contact, repeat=False)

    async def update(self, contact_id: str, properties: Mapping[str, str]) -> Contact:
        """Sets the properties; the answer holds only what changed. As ``create``, never made again where in doubt."""
        body = {"properties": dict(properties)}
        return await self._calls.run(partial(self._basic.update, _known(contact_id), body), self._contact, repeat=False)

    async def archive(self, contact_id: str) -> str:
        """Archives the contact, and returns HubSpot's name for the call. As ``create``.

        One that is not there counts as archived (204 or 404: not verified), with no name.
        """
        call = partial(self._basic.archive, _known(contact_id))
        with suppress(errors.NotFound):
            return await self._calls.run(call, _nothing, repeat=False)
        return ""

    async def schema(self) -> Schema:
        """The portal's contact properties; owners, where the token may read them, are the options of theirs."""

        def results(answer: Any, seen: Seen) -> list[Any]:
            if not answer.results or not all(p.name for p in answer.results):
                raise errors.CrmDown()
            return list(answer.results)

        properties = await self._calls.run(partial(self._properties.get_all, CONTACTS), results)
        owners, owners_known = await self._readable_owners(archived=False)
        former, former_known = await self._readable_owners(archived=True)
        properties_read = (read_property(p, owners, former) for p in properties)
        return Schema(properties_read, complete=owners_known and former_known)

    async def _readable_owners(self, *, archived: bool) -> tuple[list[Owner], bool]:
        """The owners, none where they cannot be read; and False where asking again may bring them."""
        try:
            return await self.owners(archived=archived), True
        except errors.CrmError as error:
            return [], isinstance(error, errors.MissingScope)

    async def owners(self, *, archived: bool = False) -> list[Owner]:
        """Everybody whom contacts may be given to, or all deactivated ones, whom contacts may still belong to."""

        def page(answer: Any, seen: Seen) -> tuple[list[Owner], str | None]:
            if answer.results is None or not all(o.id for o in answer.results):
                raise errors.CrmDown()
            following = answer.paging.next if answer.paging else None
            return [read_models.owner(o) for o in answer.results], following.after if following else None

        owners: list[Owner] = []
        after: str | None = None
        for _ in range(OWNER_PAGES):
            more: dict[str, Any] = {"after": after} if after else {}
            more |= {"archived": True} if archived else {}
            found, after = await self._calls.run(partial(self._owners.get_page, limit=OWNERS, **more), page)
            owners += found
            if not after:
                break
        return owners

    async def ping(self) -> Mapping[str, str]:
        """The headers of the cheapest call that needs the right to read contacts; it tells what is wrong otherwise."""

        def headers(answer: Any, seen: Seen) -> Mapping[str, str]:
            if answer.results is None:
                raise errors.CrmDown()
            return seen.headers

        return await self._calls.run(partial(self._basic.get_page, limit=1), headers)

    async def account(self) -> Account:
        """The portal's details; its id and region are kept, for the links to records are made of them."""
        # the official client has no method for this one
        found = await self._calls.run(self._details, read_models.account)
        host = urlsplit(self._api_url).hostname or ""
        # whatever is not HubSpot's own API shows its records itself, as the sandbox does
        app = f"https://{found.app}" if host.endswith(("hubapi.com", "hubspot.com")) else self._api_url
        self._records_url = f"{app}/contacts/{found.portal_id}/record/0-1/"
        return found

    def _details(self) -> Any:
        return self._basic.api_client.call_api(
            "/account-info/v3/details",
            "GET",
            header_params={"Accept": "application/json"},
            auth_settings=["oauth2"],
            _preload_content=False,
        )

    def _contact(self, raw: Any, seen: Seen) -> Contact:
        if raw is None or not raw.id or raw.properties is None:
            raise errors.CrmDown()  # a success that was not HubSpot's: the client makes an empty model of it
        url = f"{self._records_url}{raw.id}" if self._records_url else ""
        updated = raw.updated_at.isoformat() if raw.updated_at else ""
        past = getattr(raw, "properties_with_history", None) or {}
        history = {name: [read_models.version(v) for v in versions] for name, versions in past.items()}
        return Contact(raw.id, dict(raw.properties), updated, url, seen.headers.get(CORRELATION, ""), history)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _known(contact_id: str) -> str:
    """The id, if it can be one: an empty id would list all contacts, and answer as an empty one."""
    if not _is_id(contact_id):
        raise errors.NotFound()
    return contact_id


def _nothing(answer: Any, seen: Seen) -> str:
    if seen.status != 204:
        raise errors.CrmDown()
    return seen.headers.get(CORRELATION, "")
