"""What a turn works with: the message, its pieces, the desk; and what it comes to: a call or a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crm.domain import fold

from .lexicon import phrases, single
from .pieces import read_pieces
from .placing import Ref
from .tape import Piece
from .text import clean

PHONES = ("phone", "mobilephone", "fax")


@dataclass(frozen=True)
class Call:
    """A tool to call."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Say:
    """A sentence to say, and the draft to keep with it (None: leave the desk as it is)."""

    key: str
    variables: dict[str, str | int] = field(default_factory=dict)
    draft: dict[str, Any] | None = None


Step = Call | Say


def draft(
    action: str, contact: str | None = None, values: dict[str, str] | None = None, awaiting: str | None = None
) -> dict[str, Any]:
    """A draft as the desk keeps it."""
    return {"action": action, "contact_id": None, "contact": contact, "values": values or {}, "awaiting": awaiting}


class Turn:
    """One message of the user with the desk beside it. The desk is data from outside: nothing in it is trusted."""

    def __init__(self, said: str, desk: Mapping[str, Any], region: str) -> None:
        self.text = clean(said)
        self.region = region
        self.desk = desk
        self.asked = "?" in self.text

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        return read_pieces(self.text, self.region)

    @cached_property
    def folds(self) -> list[str]:
        return [f for f in (fold(w) for w in self.text.replace(",", " ").split()) if f]

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        listed = self.desk.get("shown")
        return [c for c in listed if isinstance(c, Mapping) and c.get("id")] if isinstance(listed, list) else []  # type: ignore[misc]

    @cached_property
    def focus(self) -> Mapping[str, Any] | None:
        found = self.desk.get("focus")
        if isinstance(found, Mapping) and found.get("id"):
            return found
        return self.shown[0] if len(self.shown) == 1 else None

    @cached_property
    def draft(self) -> Mapping[str, Any]:
        found = self.desk.get("draft")
        return found if isinstance(found, Mapping) and found.get("action") else {}

    @cached_property
    def draft_values(self) -> dict[str, str]:
        found = self.draft.get("values")
        return {str(k): str(v) for k, v in found.items() if v is not None} if isinstance(found, Mapping) else {}

    @cached_property
    def draft_contact(self) -> str | None:
        found = self.draft.get("contact_id") or self.draft.get("contact")
        return str(found) if found else None

    @cached_property
    def awaiting(self) -> str | None:
        found = self.draft.get("awaiting")
        return str(found) if found else None

    @cached_property
    def question(self) -> tuple[str, Mapping[str, Any]]:
        found = self.desk.get("question")
        if not isinstance(found, Mapping):
            return "", {}
        params = found.get("params")
        return str(found.get("code") or ""), params if isinstance(params, Mapping) else {}

    @cached_property
    def intent(self) -> str | None:
        found = self.desk.get("intent")
        return found if found in ("search", "create", "update") else None

    @cached_property
    def known_names(self) -> list[str]:
        names = [str(c.get(key) or "") for key in ("name", "company") for c in self.shown]
        return [*names, str(self.focus.get("name") or "")] if self.focus else names

    @cached_property
    def verb(self) -> Piece | None:
        """The first verb of a command or a question."""
        return next((p for p in self.pieces if p.kind == "verb"), None)

    def saying(self, said: str) -> "Turn":
        """The same turn with other words of the user."""
        return self if said == self.text else Turn(said, self.desk, self.region)

    def kinds(self) -> set[str]:
        return {p.kind for p in self.pieces}

    def words(self, piece: Piece) -> str:
        return self.text[piece.start : piece.end]

    def phrase(self, *path: str) -> str | None:
        """The list in a table of the lexicon that the whole message is a phrase of, or None."""
        found = phrases(*path).whole(self.folds)
        return str(found) if found else None

    def picked(self, number: str) -> Mapping[str, Any] | None:
        """The contact with a number of the list shown; ``-1`` is the last."""
        if number == "-1":
            return self.shown[-1] if self.shown else None
        by_number = {str(c.get("n", i)): c for i, c in enumerate(self.shown, 1)}
        return by_number.get(number)

    def named(self, text: str) -> str | None:
        """The id of the one contact on the desk that all the words belong to, or None."""
        wanted = {fold(w) for w in text.split()} - {""}
        if not wanted:
            return None
        candidates = list(self.shown)
        if self.focus and all(c.get("id") != self.focus.get("id") for c in candidates):
            candidates.append(dict(self.focus))
        found = [str(c["id"]) for c in candidates if wanted <= _words_of(c)]
        return found[0] if len(found) == 1 else None

    def contact(self, ref: Ref | None) -> str | None:
        """The contact that is meant, as the tools take it: an id from the desk, else the user's own words."""
        if ref is not None and ref.kind == "pick":
            found = self.picked(ref.text)
            return str(found["id"]) if found else None
        if ref is not None and ref.kind == "text":
            return self.named(ref.text) or ref.text or None
        if self.draft.get("action") == "update" and self.draft_contact and self.desk.get("focus") is None:
            return self.draft_contact
        if self.focus:
            return str(self.focus["id"])
        return self.draft_contact if self.draft.get("action") == "update" else None


def _words_of(contact: Mapping[str, Any]) -> set[str]:
    found = set[str]()
    for key in ("name", "company", "email", "phone"):
        value = str(contact.get(key) or "")
        found |= {fold(w) for w in value.split()} | {fold(value)}
    return found - {""}


def one_phone(turn: Turn, given: dict[str, str]) -> dict[str, str]:
    """New values in which a number without a label corrects the number that the draft already holds."""
    held = [name for name in turn.draft_values if name in PHONES]
    said = any(p.kind == "label" and p.value in PHONES for p in turn.pieces)
    more = bool(turn.folds) and turn.folds[0] in single("connectors", "and")
    if "phone" not in given or not held or said or more:
        return given
    return {(held[-1] if name == "phone" else name): value for name, value in given.items()}
