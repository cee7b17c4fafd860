"""The gateway to HubSpot: an async facade over the official, synchronous client.

It defines the calls and which of them may be repeated. ``crm.hubspot.retries`` sends, repeats and bounds them;
``crm.hubspot.error_mapping`` reads the error responses. The client returns an empty model for a response that is not
HubSpot's, so every model is checked; it opens a new connection for every access to an api, so the api objects are kept.
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

CALL_SECONDS = Patience().call  # the longest duration of a call, with all waits and attempts
CONTACTS = "contacts"
CORRELATION = "X-HubSpot-Correlation-Id"
ATTACHED = ("notes", "tasks")
BATCH = 100  # most ids in one batch (documented)
OWNERS, OWNER_PAGES = 500, 50


class Gateway:
    """HubSpot's contacts, properties, owners and account details, in one version of its API.

    ``api_version`` is ``v3`` or a dated version. Every method raises only errors of ``crm.domain.errors``: Unavailable
    where HubSpot cannot answer, Refused where it refuses. One gateway serves all conversations. ``rate_limiter``
    replaces the default limits.
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
        """Ends the threads; a running call ends with its own timeout."""
        self._calls.close()

    async def get(
        self, contact_id: str, properties: Sequence[str], history: Sequence[str] = (), *, archived: bool = False
    ) -> Contact:
        """The contact with this id, with all earlier values of the ``history`` properties; ``archived``: if archived.

        Raises NotFound.
        """
        options: dict[str, Any] = {"properties_with_history": list(history)} if history else {}
        options |= {"archived": True} if archived else {}
        call = partial(self._basic.get_by_id, _known(contact_id), properties=list(properties), **options)
        return await self._calls.run(call, self._contact)

    async def attached(self, contact_id: str) -> list[str]:
        """Which of notes and tasks people have attached to the contact. Raises NotFound."""

        def kinds(answer: Any, seen: Seen) -> list[str]:
            self._contact(answer, seen)
            return [kind for kind, found in (answer.associations or {}).items() if found and found.results]

        return await self._calls.run(
            partial(self._basic.get_by_id, _known(contact_id), associations=list(ATTACHED)), kinds
        )

    async def get_by_email(self, email: str, properties: Sequence[str]) -> Contact:
        """The contact with this primary or additional address. Unlike a search, it has no lag. Raises NotFound."""
        if "@" not in email:
            raise errors.NotFound()
        call = partial(self._basic.get_by_id, email, id_property="email", properties=list(properties))
        return await self._calls.run(call, self._contact)

    async def search(self, request: Mapping[str, Any]) -> Found:
        """The contacts that match HubSpot's search request (query, filterGroups, properties, limit, after).

        The index lags behind writes by seconds; the returned records are live.
        """

        def found(answer: Any, seen: Seen) -> Found:
            if answer.results is None or answer.total is None:
                raise errors.CrmDown()
            return Found([self._contact(r, seen) for r in answer.results], answer.total)

        return await self._calls.run(partial(self._search.do_search, dict(request)), found, search=True)

    async def batch_read(
        self, ids: Sequence[str], properties: Sequence[str], *, archived: bool = False
    ) -> list[Contact]:
        """The contacts with these ids, in any order, without ids of no contact; ``archived``: archived ones."""

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
        """All values that the properties have had, newest first. Raises NotFound."""
        found = await self.get(contact_id, (), history=properties)
        return {name: list(versions) for name, versions in found.history.items()}

    async def create(self, properties: Mapping[str, str]) -> Contact:
        """Creates a contact. Raises Conflict (contact_id) where the email is taken, Invalid (property).

        Not repeated where HubSpot may have created the contact; ``nothing_done`` of Unavailable is False then.
        """
        call = partial(self._basic.create, {"properties": dict(properties), "associations": []})
        return await self._calls.run(call, self._contact, repeat=False)

    async def update(self, contact_id: str, properties: Mapping[str, str]) -> Contact:
        """Sets the properties; the result holds only the changed ones. Not repeated where in doubt, like ``create``."""
        body = {"properties": dict(properties)}
        return await self._calls.run(partial(self._basic.update, _known(contact_id), body), self._contact, repeat=False)

    async def archive(self, contact_id: str) -> str:
        """Archives the contact and returns HubSpot's correlation id. Not repeated where in doubt, like ``create``.

        A contact that does not exist counts as archived (204 or 404: not verified); the id is "" then.
        """
        call = partial(self._basic.archive, _known(contact_id))
        with suppress(errors.NotFound):
            return await self._calls.run(call, _nothing, repeat=False)
        return ""

    async def schema(self) -> Schema:
        """The portal's contact properties; the owner property has the owners as options if the token may read them."""

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
        """The owners, none where they cannot be read; False where a later try may succeed."""
        try:
            return await self.owners(archived=archived), True
        except errors.CrmError as error:
            return [], isinstance(error, errors.MissingScope)

    async def owners(self, *, archived: bool = False) -> list[Owner]:
        """All owners, or all deactivated ones, to whom contacts may still belong."""

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
        """The headers of the cheapest call that needs the right to read contacts; its error says what is wrong."""

        def headers(answer: Any, seen: Seen) -> Mapping[str, str]:
            if answer.results is None:
                raise errors.CrmDown()
            return seen.headers

        return await self._calls.run(partial(self._basic.get_page, limit=1), headers)

    async def account(self) -> Account:
        """The portal's details; the links to records are made from its id and region."""
        # the official client has no method for this one
        found = await self._calls.run(self._details, read_models.account)
        host = urlsplit(self._api_url).hostname or ""
        # any other server, such as the sandbox, shows its records itself
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
            raise errors.CrmDown()  # the client returns an empty model for a response that is not HubSpot's
        url = f"{self._records_url}{raw.id}" if self._records_url else ""
        updated = raw.updated_at.isoformat() if raw.updated_at else ""
        past = getattr(raw, "properties_with_history", None) or {}
        history = {name: [read_models.version(v) for v in versions] for name, versions in past.items()}
        return Contact(raw.id, dict(raw.properties), updated, url, seen.headers.get(CORRELATION, ""), history)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _known(contact_id: str) -> str:
    """The id, if it can be one: the call for an empty id would list all contacts. Raises NotFound."""
    if not _is_id(contact_id):
        raise errors.NotFound()
    return contact_id


def _nothing(answer: Any, seen: Seen) -> str:
    if seen.status != 204:
        raise errors.CrmDown()
    return seen.headers.get(CORRELATION, "")
