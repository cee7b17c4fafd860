"""The HTTP transport below the official client: it returns complete JSON responses in time, or raises an error.

The client has no timeout for a body that arrives slowly, reads an HTML page as an empty record, knows only the paths of
v3, and opens a connection pool for each of its packages. All its packages share this pool instead.
"""

import re
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

from crm.domain import CrmDown, Unreachable

CONNECT_SECONDS = 5.0
_CHUNK = 65_536


@dataclass(frozen=True)
class Seen:
    """Status and headers of a response."""

    status: int
    headers: Mapping[str, str]


class Transport(urllib3.PoolManager):
    """The connection pool of all packages of the client; each call uses it from its own thread."""

    def __init__(self, *, threads: int, api_version: str) -> None:
        super().__init__(maxsize=threads, cert_reqs=ssl.CERT_REQUIRED, retries=False)
        self._version = api_version
        self._call = threading.local()

    def begin(self, until: float) -> None:
        """Starts a call of this thread that must end by ``until`` (on the clock of ``time.monotonic``)."""
        self._call.ends, self._call.seen = until, None

    @property
    def seen(self) -> Seen | None:
        """Status and headers of the response to this thread's call."""
        seen: Seen | None = self._call.seen
        return seen

    def urlopen(  # type: ignore[override]  # as PoolManager's own does
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.HTTPResponse:
        """Sends one request without retries and redirects. Raises Unreachable; CrmDown for a success without JSON."""
        left = self._call.ends - time.monotonic()
        if left <= 0:
            raise Unreachable(nothing_done=True)
        options |= {"timeout": urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left), "preload_content": False}
        try:
            answer = super().urlopen(method, versioned(url, self._version), redirect=False, **options)
            body = self._read(answer)
        except (HTTPError, OSError) as error:
            late = isinstance(error, ReadTimeoutError | TimeoutError)
            raise Unreachable(nothing_done=_never_sent(error), late=late) from None
        self._call.seen = Seen(answer.status, answer.headers)
        if 200 <= answer.status < 300 and answer.status != 204 and not _is_json(answer.headers):
            raise CrmDown()
        whole: dict[str, Any] = {"decode_content": False, "enforce_content_length": False}  # done already
        return urllib3.HTTPResponse(BytesIO(body), answer.headers, answer.status, reason=answer.reason, **whole)

    def _read(self, answer: Any) -> bytes:
        parts = []
        while part := answer.read1(_CHUNK):
            parts.append(part)
            if time.monotonic() > self._call.ends:
                answer.close()
                raise TimeoutError
        return b"".join(parts)


def versioned(url: str, api_version: str) -> str:
    """The URL in this API version: ``/crm/v3/objects/…`` is ``/crm/objects/2026-09/…`` in a dated one (documented).

    In a dated version, the path of the owners has no slash at its end, and contacts' properties are addressed by the
    type id ``0-1`` (documented).
    """
    parts = urlsplit(url)
    found = re.fullmatch(r"(.*/crm)/v[34]/([a-z]+)(/.*)?", parts.path)
    if api_version == "v3" or found is None:
        return url
    front, api, rest = found.groups()
    rest = re.sub(r"^/contacts(?=/|$)", "/0-1", rest or "") if api == "properties" else rest or ""
    return parts._replace(path=f"{front}/{api}/{api_version}{rest.rstrip('/')}").geturl()


def client_api(package: Any, name: str, options: Mapping[str, Any], transport: Transport) -> Any:
    """An api of the official client that uses this transport; passed to the client as ``api_factory``."""
    configuration = package.Configuration()
    for key, value in options.items():
        setattr(configuration, key, value)
    client = package.ApiClient(configuration=configuration)
    client.user_agent = f"hubspot-api-client-python; {version('hubspot-api-client')}"
    client.rest_client.pool_manager = transport
    return getattr(package, name)(api_client=client)


def _is_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("Content-Type", "").lower()


def _never_sent(error: Exception) -> bool:
    """Whether no connection was made, so that HubSpot cannot have done anything."""
    if isinstance(error, SSLError):
        return bool(error.args) and isinstance(error.args[0], ssl.SSLCertVerificationError)
    return isinstance(error, NewConnectionError | ConnectTimeoutError)
