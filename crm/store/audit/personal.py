"""The personal part of a trail line: tokens are struck out on writing, and damaged data can still be read."""

import json
import re
from collections.abc import Mapping
from typing import Any

STRUCK = "***"
# HubSpot's service keys and tokens of private apps (pat-na1-…, pat-eu1-…), and keys of OpenAI's kind (sk-…, sk-proj-…)
_TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:(?i:pat-[a-z]{2,4}\d{1,2}-[\w-]{4,})|sk-[A-Za-z0-9_-]{16,})")


def struck(part: Any) -> Any:
    """Return the part, nested at any depth, with everything that looks like a token replaced by ``***``."""
    if isinstance(part, str):
        return _TOKEN.sub(STRUCK, part)
    if isinstance(part, Mapping):
        return {struck(name): struck(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [struck(value) for value in part]
    return part


def read(data: Any) -> dict[str, Any] | None:
    """Parse the column. None where it was erased; damaged data is returned whole under the key ``damaged``."""
    if not data:
        return None
    try:
        found = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        found = None
    return found if _is_whole(found) else {"damaged": text(data)}


def text(value: Any) -> str:
    """Return a column's value as text, even where somebody has put bytes or numbers there."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return "" if value is None else str(value)


def _is_whole(found: Any) -> bool:
    if not isinstance(found, dict):
        return False
    rows = found.get("rows") or []
    rows_fit = isinstance(rows, list) and all(
        _values(row) and isinstance(row.get("property"), str) and {"before", "after"} <= row.keys() for row in rows
    )
    plain = all(found.get(name) is None or isinstance(found[name], str) for name in ("display", "words"))
    return rows_fit and plain and all(_values(found.get(name) or {}) for name in ("after", "overwritten", "replaced"))


def _values(part: Any) -> bool:
    return isinstance(part, dict) and all(value is None or isinstance(value, str) for value in part.values())
