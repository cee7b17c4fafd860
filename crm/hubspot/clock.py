"""Whether this machine's clock can be believed, by the dates that HubSpot's answers bear.

What is erased for its age is gone for good, and one start with a clock far ahead would find everything too old.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import urllib3

MOST = timedelta(days=1)
SECONDS = 5.0
_DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT")


def ahead(headers: Mapping[str, str]) -> timedelta | None:
    """By how much this machine's clock is ahead of an answer's date; None where the answer bears none."""
    dates = _DATE.findall(headers.get("Date", ""))  # a proxy may add its own behind
    with suppress(IndexError, ValueError):
        return datetime.now(UTC) - parsedate_to_datetime(dates[-1])
    return None


async def agrees(url: str) -> bool | None:
    """Whether this machine's clock and that of HubSpot at ``url`` differ by at most a day; None where it cannot tell.

    Any answer tells, a refusal too, so that this needs no token. Where the clock is far off there may be none: by it
    the server's certificate has expired, or is not valid yet.
    """
    try:
        async with asyncio.timeout(2 * SECONDS):  # a resolver knows no time limit
            difference = ahead(await asyncio.to_thread(_headers, url))
    except (urllib3.exceptions.HTTPError, OSError):  # a timeout is an OSError
        return None
    return None if difference is None else abs(difference) <= MOST


def _headers(url: str) -> Mapping[str, str]:
    with urllib3.PoolManager(cert_reqs=ssl.CERT_REQUIRED, retries=False) as pool:
        answer = pool.request("GET", f"{url.rstrip('/')}/", redirect=False, timeout=SECONDS, preload_content=False)
        answer.close()
        return answer.headers
