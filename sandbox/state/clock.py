"""Time in milliseconds, and the two ways HubSpot writes it."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time in milliseconds, moved forward on request so that a test need not wait."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def advance(self, seconds: float) -> None:
        """Move this process's time on; others over the same file keep theirs."""
        self.offset_ms += int(seconds * 1000)


def iso(ms: int) -> str:
    """ISO-8601 in UTC; the milliseconds are left out when they are zero (recorded)."""
    moment = datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03d}Z" if ms % 1000 else f"{moment}Z"


def parse_moment(text: str) -> int | None:
    """Milliseconds from digits (epoch ms) or an ISO-8601 moment or day; None when it is neither."""
    text = text.strip()
    try:
        if text.lstrip("-").isdigit():
            ms = int(text)
            datetime.fromtimestamp(ms / 1000, UTC)
            return ms
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
