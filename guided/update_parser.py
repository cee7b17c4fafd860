"""Reads an update of one contact from the chunks of a message: which contact, and the new values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crm.domain import fold

from .chunker import TYPED_FIELDS, Chunk
from .field_values import STOPS, labelled_value, put, put_new, put_phone, says_contact, text_of, value_end, value_of
from .lexicon import is_label
from .negation import without_kept
from .recognisers import (
    company_end,
    is_company,
    is_name,
    is_state,
    is_title,
    is_whole_title,
    lifecycle_stage,
    parse_address,
    split_name,
    strip_genitive,
)
from .turn import Mention

_STOPS = STOPS | {"from", "as", "in", "with"}
_SKIPPED = ("new", "filler", "now")
_CLEARING = ("clear", "delete")


@dataclass
class ParsedUpdate:
    """The contact, the new values (``""`` clears a field) and the fields that are named without a value."""

    mention: Mention | None = None
    values: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def mentioned_text(self) -> str:
        """The name, email or phone number by which the contact is mentioned, or ""."""
        return self.mention.text if self.mention and self.mention.kind == "text" else ""

    @property
    def names_contact(self) -> bool:
        """Whether the contact is mentioned by more than a pronoun."""
        return self.mention is not None and self.mention.kind != "pronoun"


class _UpdateParser:
    """Goes through the chunks once; the methods below read what starts at chunk ``i`` and return the index behind it,
    or 0 where they do not apply.
    """

    def __init__(self, text: str, chunks: Sequence[Chunk], group: str, known: Sequence[str]) -> None:
        self.text, self.chunks, self.group, self.known = text, chunks, group, known
        self.found = ParsedUpdate()
        self.expects_value = False  # a new value comes next, not the contact
        self.moves = group == "move"  # to another company
        self.moves_place = False  # what follows is a city, unless it is known as a company
        self.past_separator = False  # a separator stood behind the contact
        self.says_now = group == "statement" and any(c.kind == "now" for c in chunks)
        self.readers: dict[str, Callable[[int], int]] = {
            "separator": self._separator, "change": self._change, "former": self._former, "is": self._to,
            "to": self._to, "pronoun": self._pronoun, "position": self._position, "of": self._of,
            "label": self._label, "email": self._email, "phone": self._phone, "url": self._url,
            "from": self._from, "in": self._in, "as": self._as, "filler": self._filler, "text": self._text,
        }  # fmt: skip

    def run(self) -> ParsedUpdate:
        i = 0
        while i < len(self.chunks):
            reader = self.readers.get(self._kind(i))
            i = max(reader(i) if reader else 0, i + 1)
        if self.group in _CLEARING:
            self.found.values = dict.fromkeys((*self.found.values, *self.found.missing), "")
            self.found.missing = []
        return self.found

    # chunks, the contact and values

    def _kind(self, i: int) -> str:
        return self.chunks[i].kind if 0 <= i < len(self.chunks) else ""

    def _skip(self, i: int) -> int:
        while self._kind(i) in _SKIPPED:
            i += 1
        return i

    def _words(self, i: int) -> str:
        return text_of(self.text, [self.chunks[i]])

    def _mention(self, mention: Mention) -> None:
        if not self.found.names_contact:
            self.found.mention = mention

    def _mention_text(self, text: str, *, owner: bool = False) -> None:
        self._mention(Mention("text", strip_genitive(text, self.known) if owner else text))

    def _store(self, name: str, value: str, first: int, stop: int) -> None:
        """Stores a value that ends before ``stop``; where no contact was named, "for Jens" at its end names it."""
        found = self._contact_at_end(first, stop) if self.found.mention is None else None
        if found:
            contact, end = found
            self._mention_text(contact)
            value = value_of(self.text, self.chunks[first:end]).removeprefix("til ").removeprefix("to ")
        put(self.found.values, name, value)

    def _contact_at_end(self, first: int, stop: int) -> tuple[str, int] | None:
        if self._kind(stop - 1) != "text":
            return None
        at_end = (j for j in range(stop - 2, first, -1) if self._kind(j) == "of")
        j = next((j for j in at_end if self._words(j).lower() in ("på", "for")), 0)
        name = text_of(self.text, self.chunks[j + 1 : stop])
        if not j or not is_name(name) or is_title(name):
            return None
        return (name, j) if " " in name or self._is_known(name) else None

    def _is_known(self, name: str) -> bool:
        return not self.known or any(name.lower() in full.lower().split() for full in self.known)

    def _is_known_company(self, value: str) -> bool:
        names = {fold(full) for full in self.known}
        names |= {fold(full.split()[0]) for full in self.known if is_company(full)}
        return fold(value) in names

    def _settle(self, name: str) -> None:
        if name in self.found.missing:
            self.found.missing.remove(name)

    def _place_value(self, value: str, *, after_as: bool = False) -> None:
        """Gives a value without a label its field, by what it looks like."""
        values = self.found.values
        if is_label(fold(value)) or is_state(value):
            return
        if self.found.missing:
            put(values, self.found.missing.pop(0), value)
        elif address := parse_address(value):
            put_new(values, address)
        elif stage := lifecycle_stage(value):
            values["lifecyclestage"] = stage
        elif self.group == "rename":
            values.update(split_name(value))
        elif name := self._field_of(value, after_as):
            values.setdefault(name, value)
        elif end := company_end(value.split()):
            words = value.split()
            values.setdefault("company", " ".join(words[:end]))
            self._place_value(" ".join(words[end:]))

    def _field_of(self, value: str, after_as: bool) -> str:
        """The field of a value that is a city, a company or a job title as a whole; "" for anything else."""
        company = is_company(value)
        if self.moves_place and not company and not self._is_known_company(value):
            return "city"
        if self.moves or self.moves_place or company:
            return "company"
        names_role = self.group == "statement" and self.expects_value and is_name(value)  # "Mette er blevet indkøber"
        return "jobtitle" if after_as or is_title(value) or names_role else ""

    # one reader for each kind of chunk

    def _separator(self, i: int) -> int:
        self.past_separator = self.past_separator or self.found.mention is not None
        self.expects_value = False
        return i + 1

    def _change(self, i: int) -> int:
        self.expects_value = True
        self.moves = self.moves or self.chunks[i].value == "move_to"
        self.moves_place = self.moves_place or self.chunks[i].value == "moved_to"
        return i + 1

    def _former(self, i: int) -> int:
        """Skips a former value; a field that somebody no longer has is cleared."""
        j = self._skip(i + 1)
        if self._kind(j) == "label":
            self.found.values[self.chunks[j].value] = ""
            return j + 1
        return value_end(self.text, self.chunks, j + 1, _STOPS) if self._kind(j) in ("from", "text", "in", "as") else j

    def _to(self, i: int) -> int:
        if self.group == "add" and self.found.mention is None and self.found.values:
            return self._of(i)  # "tilføj telefon 22334455 til Mette"
        self.expects_value = True
        if not self.found.missing:
            return i + 1
        name = self.found.missing[0]
        chunks = [*self.chunks[:i], Chunk("label", 0, 0, name), *self.chunks[i + 1 :]]
        value, stop = labelled_value(self.text, chunks, i)
        if value is None:
            return i + 1
        self.found.missing.pop(0)
        self._store(name, value, i + 1, stop)
        return stop

    def _pronoun(self, i: int) -> int:
        if self.found.mention is None:
            self.found.mention = Mention("pronoun")
        return i + 1

    def _position(self, i: int) -> int:
        self._mention(Mention("position", self.chunks[i].value))
        return i + 2 if self._kind(i + 1) == "genitive" else i + 1

    def _of(self, i: int) -> int:
        j = self._skip(i + 1)
        if self._kind(j) not in ("text", "email", "phone") or self.found.names_contact:
            return i + 1
        self._mention_text(self._words(j), owner=self._kind(j + 1) in ("genitive", "label"))
        return j + 1

    def _label(self, i: int) -> int:
        label, j = self.chunks[i], i + 1
        follows = self._kind(j)
        clearing = self.group in _CLEARING
        if follows in ("of", "pronoun", "position") or (clearing and follows in ("from", "text")):
            self.found.missing.append(label.value)
            return self._of(j) if follows == "from" else j
        if follows == "text" and self._stands_before_contact(label, j):
            self._mention_text(self._words(j), owner=True)
            self.found.missing.append(label.value)
            return j + 1
        to = self._find_to(j) if follows == "from" and not clearing else 0
        if to:
            self.found.missing.append(label.value)
            return to
        value, stop = labelled_value(self.text, self.chunks, i)
        if value is None:
            self.found.missing.append(label.value)
            return i + 1
        self._store(label.value, value, i + 1, stop)
        return stop

    def _stands_before_contact(self, label: Chunk, j: int) -> bool:
        """``telefon Mette Hansen 22334455``, ``stilling Jens Jensen til CFO``."""
        if self.found.mention is not None or label.colon:
            return False
        return self._kind(j + 1) in ("to", "is") or self._kind(j + 1) == TYPED_FIELDS.get(label.value)

    def _find_to(self, i: int) -> int:
        """Where the new value begins in ``telefonen fra 22334455 til 44332211``; 0 where none does."""
        return next((k for k in range(i, min(i + 8, len(self.chunks))) if self._kind(k) == "to"), 0)

    def _email(self, i: int) -> int:
        """The first email mentions the contact; behind the contact it is a value."""
        if not self.expects_value and self.found.mention is None:
            self._mention_text(self._words(i))
            return i + 1
        self.found.values.setdefault("email", self._words(i))
        if self.expects_value or self.found.names_contact:
            self._settle("email")
        return i + 1

    def _phone(self, i: int) -> int:
        if self.found.mention is None and not self.expects_value and self._kind(self._skip(i + 1)) in ("to", "label"):
            self._mention_text(self._words(i))
            return i + 1
        label = self._skip(i + 2)
        if self._kind(i + 1) == "as" and self._kind(label) == "label":
            put(self.found.values, self.chunks[label].value, self._words(i))
            return label + 1
        name = next((m for m in self.found.missing if TYPED_FIELDS.get(m) == "phone"), None)
        if name:
            self.found.values[name] = self._words(i)
            self._settle(name)
        else:
            put_phone(self.found.values, self._words(i))
        return i + 1

    def _url(self, i: int) -> int:
        self.found.values.setdefault("website", self._words(i))
        self._settle("website")
        return i + 1

    def _from(self, i: int) -> int:
        stop = value_end(self.text, self.chunks, i + 1, _STOPS if self.expects_value else _STOPS | {"of"})
        value = value_of(self.text, self.chunks[i + 1 : stop])
        states = self.says_now or (self.group == "statement" and not self.found.names_contact)
        if value and (states or self.expects_value or self.past_separator or self.found.values):
            self.found.values.setdefault("company", value)
        return stop

    def _in(self, i: int) -> int:
        if not self.expects_value and self._kind(i + 1) == "text" and self._kind(i + 2) in ("label", "genitive"):
            return i + 1
        stop = value_end(self.text, self.chunks, i + 1, _STOPS)
        if self.expects_value and stop > i + 1:
            self.found.values.setdefault("city", text_of(self.text, self.chunks[i + 1 : stop]))
        return stop

    def _as(self, i: int) -> int:
        stop = value_end(self.text, self.chunks, i + 1, _STOPS)
        chunks = self.chunks[i + 1 : stop]
        if says_contact(chunks):
            self.expects_value = True
            return i + 1
        if value := text_of(self.text, chunks):
            self._place_value(value, after_as=True)
        return stop

    def _filler(self, i: int) -> int:
        stage = lifecycle_stage(self._words(i)) if self.expects_value else None
        if stage:
            self.found.values["lifecyclestage"] = stage
        return i + 1

    # text can be the contact, a field in the user's own words, or a value

    def _text(self, i: int) -> int:
        rules = (
            self._value_before_label, self._contact_before_field, self._field_before_contact, self._before_contact,
            self._expected_value, self._contact_before_own_field, self._own_field, self._contact,
        )  # fmt: skip
        found = next((stop for rule in rules if (stop := rule(i))), 0)
        if not found:
            self._place_value(self._words(i))
        return found or i + 1

    def _value_before_label(self, i: int) -> int:
        """``CFO som stilling``, ``CFO til stilling på Mette``."""
        label = self._skip(i + 2)
        leads = self._kind(i + 1) == "as" or (self._kind(i + 1) == "to" and self._kind(label + 1) == "of")
        if self.expects_value or not leads or self._kind(label) != "label":
            return 0
        put(self.found.values, self.chunks[label].value, self._words(i))
        return label + 1

    def _contact_before_field(self, i: int) -> int:
        """``Mettes telefon``, ``Jens' nye mail``, ``Mette: telefon``."""
        if self.expects_value or self.found.mention is not None:
            return 0
        j = self._skip(i + 1)
        genitive, labelled = self._kind(i + 1) == "genitive", self._kind(j) == "label"
        if not genitive and not labelled:
            return 0
        self._mention_text(self._words(i), owner=genitive or not self.chunks[j].colon)
        return i + 1

    def _field_before_contact(self, i: int) -> int:
        """``skostørrelse på Mette til 42``: a field in the user's own words; the tool tells whether there is one."""
        if self.expects_value or self.found.mention is not None or self.chunks[i].capital:
            return 0
        owner = self._kind(i + 1) == "of" and self._kind(i + 2) in ("text", "email", "phone", "position", "pronoun")
        if not owner or self._kind(i + 3) != "to" or len(self._words(i).split()) > 3:
            return 0
        self.found.missing.append(self._words(i))
        return i + 1

    def _before_contact(self, i: int) -> int:
        """``stavefejlen i Astrids efternavn``: words in small letters before the contact."""
        if self.expects_value or self.found.mention is not None or self.chunks[i].capital:
            return 0
        leads = self._kind(i + 1) in ("of", "in") and self._kind(i + 2) == "text"
        return i + 1 if leads and self.chunks[i + 2].capital else 0

    def _expected_value(self, i: int) -> int:
        if not self.expects_value and not self.past_separator:
            return 0
        stop = max(value_end(self.text, self.chunks, i, _STOPS | {"is", "now", "change"}), i + 1)
        value = value_of(self.text, self.chunks[i:stop])
        if self.found.mention is None and not self.found.values:
            self._place_contact(value)
        else:
            self._place_value(value)
        return stop

    def _contact_before_own_field(self, i: int) -> int:
        """``Henrik Dams skostørrelse til 44``: the contact, and a field in the user's own words."""
        if self.found.names_contact or self.group not in ("update", "statement"):
            return 0
        words = self._words(i).split()
        n = next((k for k, word in enumerate(words) if not word[:1].isupper()), 0)
        owner, name = " ".join(words[:n]), " ".join(words[n:])
        owned = owner.lower().rstrip("'’").endswith("s") and self._kind(i + 1) in ("to", "is")
        if not owned or len(words) - n > 3 or name != name.lower():
            return 0
        self._mention_text(owner, owner=True)
        self.found.missing.append(name)
        return i + 1

    def _own_field(self, i: int) -> int:
        """``hendes yndlingsfarve til blå``: a field in the user's own words."""
        words = self._words(i)
        pronoun = self.found.mention is not None and self.found.mention.kind == "pronoun"
        if not pronoun or self._kind(i + 1) not in ("to", "is") or len(words.split()) > 3:
            return 0
        self.found.missing.append(words)
        return i + 1

    def _contact(self, i: int) -> int:
        if self.found.names_contact:
            return 0
        self._place_contact(self._words(i))
        return i + 1

    def _place_contact(self, text: str) -> None:
        """Takes the text as the contact: a name, perhaps with a job title behind it."""
        words = text.split()
        if self.expects_value and len(words) > 1 and is_whole_title(words):
            self._place_value(text)
            return
        title = next((k for k in range(1, min(len(words), 10)) if is_whole_title(words[k:])), None)
        if title is not None:
            self.found.values.setdefault("jobtitle", " ".join(words[title:]))
            text = " ".join(words[:title])
        self._mention_text(text)


def read_update(text: str, chunks: Sequence[Chunk], group: str, known: Sequence[str] = ()) -> ParsedUpdate:
    """The update in a message; ``group`` is the kind of its verb, ``known`` the names on the desk."""
    kept = without_kept(text, chunks) if group in _CLEARING else chunks
    return _UpdateParser(text, kept, group, known).run()
