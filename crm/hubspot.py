"""The gateway to HubSpot: an async facade over the official, synchronous client.

Calls run in a bounded pool of threads, each with a timeout. The client's own surprises are settled
here: an answer that is not HubSpot's becomes an empty model instead of an error, its exceptions share
no base, and every access to an api builds a new connection pool, so the api objects are kept.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from hubspot import HubSpot
from urllib3.exceptions import HTTPError

from crm import errors
from crm.contact import Contact, Found
from crm.schema import Schema, read_property

TIMEOUT = (5.0, 15.0)  # seconds to connect, and between two reads
CALL_SECONDS = 25.0  # the whole call: a read timeout does not bound an answer that trickles
THREADS = 8
CONTACTS = "contacts"
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")


class Gateway:
    """HubSpot's contacts, properties, owners and account details.

    Takes the token and the API's address. Every method raises errors of ``crm.errors`` and no others:
    Unavailable where HubSpot cannot answer, Refused where it says no.
    """

    def __init__(self, *, token: str, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")
        client = HubSpot(access_token=token, host=self._api_url, retry=False, connection_pool_maxsize=THREADS)
        self._basic = client.crm.contacts.basic_api
        self._search = client.crm.contacts.search_api
        self._properties = client.crm.properties.core_api
        self._owners = client.crm.owners.owners_api
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubspot")
        self._records_url = ""

    def close(self) -> None:
        """Ends the threads; a call under way ends with its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(self, contact_id: str, properties: Sequence[str]) -> Contact:
        """The contact with this id. Raises NotFound where there is none, or it is archived."""
        if not contact_id.isdigit():  # an empty id would list all contacts, and answer as an empty one
            raise errors.NotFound()
        return self._contact(await self._call(self._basic.get_by_id, contact_id, properties=list(properties)))

    async def get_by_email(self, email: str, properties: Sequence[str]) -> Contact:
        """The contact with this address, primary or additional; strongly consistent, unlike a search."""
        if "@" not in email:
            raise errors.NotFound()
        answer = await self._call(self._basic.get_by_id, email, id_property="email", properties=list(properties))
        return self._contact(answer)

    async def search(self, request: Mapping[str, Any]) -> Found:
        """The contacts that match HubSpot's search request (query, filterGroups, properties, limit, after).

        The index lags behind writes by seconds, the records that come back are live.
        """
        answer = await self._call(self._search.do_search, dict(request))
        if answer is None or answer.results is None or answer.total is None:
            raise errors.CrmDown()
        return Found([self._contact(r) for r in answer.results], answer.total)

    async def create(self, properties: Mapping[str, str]) -> Contact:
        """The contact that was created. Raises Conflict (contact_id) where the email is taken, Invalid (property)."""
        return self._contact(await self._call(self._basic.create, {"properties": dict(properties), "associations": []}))

    async def update(self, contact_id: str, properties: Mapping[str, str]) -> Contact:
        """Sets the properties; the answer holds only what changed, so read the contact again to show it."""
        if not contact_id.isdigit():
            raise errors.NotFound()
        return self._contact(await self._call(self._basic.update, contact_id, {"properties": dict(properties)}))

    async def schema(self) -> Schema:
        """The portal's contact properties; owners, where the token may read them, are the options of theirs."""
        answer = await self._call(self._properties.get_all, CONTACTS)
        if answer is None or not answer.results:
            raise errors.CrmDown()
        owners = await self._owner_names()
        return Schema(read_property(p, owners) for p in answer.results)

    async def _owner_names(self) -> dict[str, str]:
        try:
            answer = await self._call(self._owners.get_page, limit=500)
        except errors.CrmError:  # owners then have no names, and nothing else is lost
            return {}
        return {
            o.id: " ".join(n for n in (o.first_name, o.last_name) if n) or o.email or o.id
            for o in (answer.results if answer else None) or ()
        }

    async def account(self) -> None:
        """Learns the portal's id and region, from which the links to records are made."""
        # the official client has no method for this one
        raw = await self._call(self._details)
        try:
            details = json.loads(raw)
            portal, domain = int(details["portalId"]), str(details["uiDomain"])
        except (ValueError, KeyError, TypeError):
            raise errors.CrmDown() from None
        host = urlsplit(self._api_url).hostname or ""
        # whatever is not HubSpot's own API shows its records itself, as the sandbox does
        app = f"https://{domain}" if host.endswith(("hubapi.com", "hubspot.com")) else self._api_url
        self._records_url = f"{app}/contacts/{portal}/record/0-1/"

    def _details(self, **options: Any) -> bytes:
        answer = self._basic.api_client.call_api(
            "/account-info/v3/details",
            "GET",
            header_params={"Accept": "application/json"},
            auth_settings=["oauth2"],
            _preload_content=False,
            **options,
        )
        return bytes(answer.data)  # here, in the thread: the body is read only when it is asked for

    def _contact(self, raw: Any) -> Contact:
        if raw is None or not raw.id or raw.properties is None:
            raise errors.CrmDown()  # a 200 that was not HubSpot's: the client makes an empty model of it
        url = f"{self._records_url}{raw.id}" if self._records_url else ""
        updated = raw.updated_at.isoformat() if raw.updated_at else ""
        return Contact(raw.id, dict(raw.properties), updated, url)

    async def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        call = partial(method, *args, **kwargs, _request_timeout=TIMEOUT)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except (TimeoutError, HTTPError, OSError):
            raise errors.Unreachable() from None
        except Exception as error:
            # each sub-package of the client has an ApiException of its own, with a status; ValueError (with
            # UnicodeDecodeError) and AttributeError come from answers that are not HubSpot's
            if not hasattr(error, "status") and not isinstance(error, ValueError | AttributeError):
                raise
            raise _typed(error) from None


def _typed(error: Exception) -> errors.CrmError:
    status = getattr(error, "status", None)
    body = _json(getattr(error, "body", None))
    message = str(body.get("message", ""))
    if status == 401:
        return errors.BadToken()
    if status == 403:
        return errors.MissingScope(scopes=_scopes(body))
    if status == 404 and body:
        return errors.NotFound()
    if status == 409:
        existing = _EXISTING.search(message)
        return errors.Conflict(contact_id=existing[1] if existing else None)
    if status == 429:
        return errors.RateLimited()
    if status == 400:
        return errors.Invalid(property=_property(body), reason=_reason(body))
    return errors.CrmDown()


def _json(body: Any) -> dict[str, Any]:
    try:
        found = json.loads(body or "{}")
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _scopes(body: Mapping[str, Any]) -> list[str]:
    return [
        str(scope)
        for part in body.get("errors") or ()
        for scope in (part.get("context") or {}).get("requiredGranularScopes") or ()
    ]


def _property(body: Mapping[str, Any]) -> str:
    for part in body.get("errors") or ():
        for name in (part.get("context") or {}).get("propertyName") or ():
            return str(name)
    found = re.search(r'"name":\s*"([^"]+)"', str(body.get("message", "")))  # older bodies have only the message
    return found[1] if found else ""


def _reason(body: Mapping[str, Any]) -> str:
    for part in body.get("errors") or ():
        if part.get("code"):
            return str(part["code"])
    return str(body.get("category", "?"))
