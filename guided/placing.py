"""Who an update is about, and which field a value belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.domain import fold

from .details import put, sliced
from .lexicon import label_called
from .tape import Piece
from .values import (
    company_end,
    is_company,
    is_name,
    is_state,
    is_title,
    option,
    place,
    split_name,
    tidy,
    tidy_value,
    title_words,
)

_SKIPPED = ("new", "filler", "now")


@dataclass(frozen=True)
class Ref:
    """Who is meant: ``person`` (a pronoun), ``pick`` (a number of the list) or ``text`` (name, email, phone)."""

    kind: str
    text: str = ""


@dataclass
class Update:
    """Who, the new values (``""`` clears a field) and the fields named without a value."""

    ref: Ref | None = None
    values: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)


class Placing:
    """An update while it is read, and how references and values find their place in it."""

    def __init__(self, text: str, pieces: Sequence[Piece], group: str, known: Sequence[str]) -> None:
        self.text, self.pieces, self.group, self.known = text, pieces, group, known
        self.found = Update()
        self.valued = False  # what comes now is a new value, not who it is about
        self.moved = group == "move"
        self.relocated = False  # moved to what is a place, unless it is known as a company
        self.parted = False
        self.current = group == "statement" and any(p.kind == "now" for p in pieces)

    def kind(self, i: int) -> str:
        return self.pieces[i].kind if 0 <= i < len(self.pieces) else ""

    def after(self, i: int) -> int:
        while self.kind(i) in _SKIPPED:
            i += 1
        return i

    def words(self, i: int) -> str:
        return sliced(self.text, [self.pieces[i]])

    def refer(self, ref: Ref) -> None:
        if self.found.ref is None or self.found.ref.kind == "person":
            self.found.ref = ref

    def store(self, name: str, value: str, first: int, stop: int) -> None:
        """Stores a value; the tail "for Jens" of one is who it is about, when nobody was named."""
        if self.found.ref is None and self.kind(stop - 1) == "text":
            for j in range(stop - 2, first, -1):
                if self.kind(j) == "of" and self.words(j).lower() in ("på", "for"):
                    tail = tidy(self.text[self.pieces[j + 1].start : self.pieces[stop - 1].end])
                    if is_name(tail) and not is_title(tail) and (len(tail.split()) > 1 or self._is_known(tail)):
                        self.refer(Ref("text", tail))
                        value = tidy_value(self.text[self.pieces[first].start : self.pieces[j - 1].end])
                        value = value.removeprefix("til ").removeprefix("to ")
                    break
        put(self.found.values, name, value)

    def _is_known(self, name: str) -> bool:
        folded = name.lower()
        return not self.known or any(folded in full.lower().split() for full in self.known)

    def _is_known_company(self, value: str) -> bool:
        return any(
            fold(value) == fold(full) or (is_company(full) and fold(value) == fold(full.split()[0]))
            for full in self.known
        )

    def place_ref(self, text: str) -> int:
        """A name, perhaps with a title or a company behind it."""
        listed = text.split()
        if self.valued and len(listed) > 1 and title_words(listed) == len(listed):
            self.place_value(text)
            return 0
        for i in range(1, min(len(listed), 10)):
            if title_words(listed[i:]) == len(listed) - i:
                self.found.values.setdefault("jobtitle", " ".join(listed[i:]))
                text = " ".join(listed[:i])
                break
        self.refer(Ref("text", text))
        return 0

    def place_value(self, value: str, titled: bool = False) -> None:
        """Gives a value without a label its field by what it looks like."""
        values = self.found.values
        if label_called(fold(value)) or is_state(value):
            return
        if not self.found.missing and (found := place(value)):
            for name, part in found.items():
                values.setdefault(name, part)
            return
        if self.found.missing:
            put(values, self.found.missing.pop(0), value)
        elif stage := option(value):
            values["lifecyclestage"] = stage
        elif self.group == "rename":
            values.update(split_name(value))
        elif self.relocated and not is_company(value) and not self._is_known_company(value):
            values.setdefault("city", value)
        elif self.moved or self.relocated or is_company(value):
            values.setdefault("company", value)
        elif titled or is_title(value) or (self.group == "statement" and self.valued and is_name(value)):
            values.setdefault("jobtitle", value)
        elif end := company_end(value.split()):
            listed = value.split()
            values.setdefault("company", " ".join(listed[:end]))
            self.place_value(" ".join(listed[end:]))
        else:
            self.found.loose.append(value)
