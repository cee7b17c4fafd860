"""Writes lines of the audit trail as text, CSV or JSON Lines, masked where asked for."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, TextIO

from crm.store import Event

MASKED = "***"
_HEAD = ("seq", "at", "kind", "outcome", "action", "user", "conversation", "card_id", "change_id", "contact_id")
_ROW = ("property", "before", "after", "source")
COLUMNS = (*_HEAD, "name", "words", *_ROW, "overwritten", "replaced", "correlation_ids", "digest", "hash", "lines")
# where a cell begins for a spreadsheet: at its start, and behind what may part cells and lines (a semicolon does in
# Danish, a tab where text is pasted). A tab at the very start has the apostrophe before it
_BEGINS = r"(?:\A|(?<=[;\r\n])|(?<=[\s\S]\t))"
# what it reads as a formula there, with the wide forms; the apostrophe, to be undone without doubt
_FORMULA = re.compile(_BEGINS + "(?=[\\s\"]*[=+@\uff1d\uff0b\uff0d\uff20'-])|\\A(?=[\\t\\r\\n\\0])")


class Mask:
    """Masks personal data: values, names and words become ``***``, users become user1, user2 and so on."""

    def __init__(self, users: Iterable[str]) -> None:
        """Number all users of the trail in a fixed order, so that a user has the same number in every export."""
        self._users = {user: f"user{number}" for number, user in enumerate(users, 1)}

    def __call__(self, event: Event) -> Event:
        """The line without personal values and names, and with a numbered user."""
        user = self._users.get(event.user, MASKED)
        head, mark, rest = event.conversation.rpartition(":")
        conversation = f"{user}:{rest}" if mark and head == event.user else event.conversation
        personal = _masked(event.personal) if event.personal else None
        return replace(event, user=user, conversation=conversation, personal=personal)


def _masked(personal: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in personal.items():
        if name == "rows":
            found[name] = [
                {**row, "before": row["before"] and MASKED, "after": row["after"] and MASKED} for row in value
            ]
        elif isinstance(value, dict):
            found[name] = {key: part and MASKED for key, part in value.items()}
        else:
            found[name] = value and MASKED
    return found


def as_text(event: Event) -> str:
    """One line for a terminal; unprintable characters are escaped, so that a value can hide nothing."""
    what = " ".join(part for part in (event.kind, event.outcome, event.action) if part)
    about = {"contact": event.contact_id, "change": event.change_id, "conversation": event.conversation}
    about |= {"HubSpot": " ".join(event.correlation_ids), "values of lines": event.lines}
    parts = [str(event.seq), event.at, what, event.user, *(f"{name} {text}" for name, text in about.items() if text)]
    personal = event.personal or {}
    if personal.get("display"):
        parts.append(f"“{personal['display']}”")
    if personal.get("words"):
        parts.append(f"asked: “{personal['words']}”")
    parts += [f"{row['property']}: {_quoted(row)}" for row in _rows(event)]
    parts += [f"{name} overwrote “{value}”" for name, value in (personal.get("overwritten") or {}).items()]
    parts += [f"{name} was replaced by “{value}”" for name, value in (personal.get("replaced") or {}).items()]
    parts += [f"damaged: “{personal['damaged']}”"] if personal.get("damaged") else []
    return visible("  ".join(parts))


def _quoted(row: Mapping[str, Any]) -> str:
    after = f"“{row['after']}”" if row["after"] else "(empty)"
    if "before" not in row:
        return after
    return f"“{row['before']}” -> {after}" if row["before"] else after


def visible(text: str) -> str:
    """The text with control characters, and characters that hide text or turn its direction, as escapes."""
    return "".join(c if _shows(c) else c.encode("unicode_escape").decode() for c in text)


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def write_text(events: Iterable[Event], out: TextIO) -> None:
    """Write one line per event."""
    out.writelines(f"{as_text(event)}\n" for event in events)


def write_jsonl(events: Iterable[Event], out: TextIO) -> None:
    """Write one JSON object per event; erased values are null."""
    # without ensure_ascii, half a character could not be written
    out.writelines(f"{json.dumps(asdict(event))}\n" for event in events)


def write_csv(events: Iterable[Event], out: TextIO) -> None:
    """Write a heading and one row per event and property, as RFC 4180 says, safe to open in a spreadsheet.

    An apostrophe is put before everything that a spreadsheet could read as a formula: at the start of a cell, and after
    each semicolon, tab and line break in it, where (after white space and quotation marks) one of = + - @, their wide
    forms or an apostrophe follows. Removing one apostrophe at each of these places gives the values back, except for a
    tab at the very start of a cell.
    """
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for event in events:
        for cells in _cells(event):
            writer.writerow([neutral(str(cells.get(name) or "")) for name in COLUMNS])


def neutral(cell: str) -> str:
    """The cell as text that no spreadsheet computes."""
    return _FORMULA.sub("'", cell)


def _cells(event: Event) -> Iterator[dict[str, Any]]:
    personal = event.personal or {}
    others = {name: personal.get(name) or {} for name in ("overwritten", "replaced")}
    head = {name: getattr(event, name) for name in _HEAD}
    tail = {"correlation_ids": " ".join(event.correlation_ids), "digest": event.digest, "hash": event.hash}
    tail["lines"] = event.lines
    line = {**head, "name": personal.get("display"), "words": personal.get("words"), **tail}
    rows = _rows(event)
    rows += [{"property": name} for name in {**others["overwritten"], **others["replaced"]} if name not in _names(rows)]
    for row in rows or [{}]:
        yield {**line, **row, **{name: values.get(row.get("property")) for name, values in others.items()}}


def _names(rows: Iterable[Mapping[str, Any]]) -> set[Any]:
    return {row.get("property") for row in rows}


def _rows(event: Event) -> list[dict[str, Any]]:
    """The properties of an event: the proposed values, or those read back after the write."""
    personal = event.personal or {}
    after = [{"property": name, "after": value} for name, value in (personal.get("after") or {}).items()]
    return [*personal.get("rows", ()), *after]
