"""One turn of the conversation: the message, its chunks and the desk; and the step that the turn leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crm.domain import fold
from language import clean_message

from .chunker import ADDRESSES, Chunk, read_chunks
from .lexicon import folds_of, phrases, word_set
from .recognisers import is_common_word

_NOT_CHATTER = ADDRESSES | {"label"}
PHONES = ("phone", "mobilephone", "fax")


@dataclass(frozen=True)
class Call:
    """A tool to call."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Say:
    """A sentence to say, and the draft to put on the desk (None: the desk stays as it is)."""

    key: str
    variables: dict[str, str | int] = field(default_factory=dict)
    draft: dict[str, Any] | None = None


Step = Call | Say


def call_create_contact(values: dict[str, str]) -> Call:
    return Call("create_contact", {"properties": values})


def call_update_contact(contact: str, values: dict[str, str]) -> Call:
    return Call("update_contact", {"contact": contact, "properties": values})


def call_get_contact(contact: str) -> Call:
    return Call("get_contact", {"contact": contact})


@dataclass(frozen=True)
class Mention:
    """How a message mentions a contact: a ``pronoun``, a ``position`` in the list, or ``text`` (name, email, phone)."""

    kind: str
    text: str = ""


def new_draft(
    action: str, contact: str | None = None, values: dict[str, str] | None = None, awaiting: str | None = None
) -> dict[str, Any]:
    """A draft as the desk stores it; ``awaiting`` is the field whose value was asked for."""
    return {"action": action, "contact_id": None, "contact": contact, "values": values or {}, "awaiting": awaiting}


class Turn:
    """One message of the user with the desk beside it. The desk comes from outside: any part of it may be malformed."""

    def __init__(self, message: str, desk: Mapping[str, Any], region: str) -> None:
        self.text = clean_message(message)
        self.region = region
        self.desk = desk
        self.is_question = "?" in self.text

    @cached_property
    def chunks(self) -> Sequence[Chunk]:
        return read_chunks(self.text, self.region)

    @cached_property
    def folds(self) -> list[str]:
        """The folded words of the message."""
        return folds_of(self.text.replace(",", " "))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The portal's properties: the folded label of each -> its name."""
        found = self.desk.get("fields")
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def kinds(self) -> set[str]:
        return {c.kind for c in self.chunks}

    @cached_property
    def texts(self) -> list[str]:
        """The stretches of text that are neither function words nor anything else known."""
        return [self.text_of(c) for c in self.of_kind("text")]

    @cached_property
    def verb(self) -> Chunk | None:
        """The first verb of a command or a question."""
        return next(iter(self.of_kind("verb")), None)

    @property
    def verb_group(self) -> str:
        return self.verb.value if self.verb else ""

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        """The contacts that the user sees in a list."""
        listed = self.desk.get("shown")
        return [c for c in listed if isinstance(c, Mapping) and c.get("id")] if isinstance(listed, list) else []  # type: ignore[misc]

    @cached_property
    def focus(self) -> Mapping[str, Any] | None:
        """The contact that the conversation is about."""
        found = self.desk.get("focus")
        if isinstance(found, Mapping) and found.get("id"):
            return found
        return self.shown[0] if len(self.shown) == 1 else None

    @cached_property
    def draft(self) -> Mapping[str, Any]:
        """The request that still lacks something, or waits on a card."""
        found = self.desk.get("draft")
        return found if isinstance(found, Mapping) and found.get("action") else {}

    @property
    def drafts_contact(self) -> bool:
        """Whether the draft creates or updates a contact."""
        return self.draft.get("action") in ("create", "update")

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
        """The field whose value was asked for."""
        found = self.draft.get("awaiting")
        return str(found) if found else None

    @cached_property
    def question(self) -> tuple[str, Mapping[str, Any]]:
        """The code and the parameters of the last question."""
        found = self.desk.get("question")
        if not isinstance(found, Mapping):
            return "", {}
        params = found.get("params")
        return str(found.get("code") or ""), params if isinstance(params, Mapping) else {}

    @cached_property
    def intent(self) -> str | None:
        """The button that was pressed."""
        found = self.desk.get("intent")
        return found if found in ("search", "create", "update") else None

    @cached_property
    def known_names(self) -> list[str]:
        """Names of contacts and companies on the desk."""
        names = [str(c.get(key) or "") for key in ("name", "company") for c in self.shown]
        return [*names, str(self.focus.get("name") or "")] if self.focus else names

    @cached_property
    def is_chatter(self) -> bool:
        """Whether no word of the message can be a name: all are ordinary, or in small letters in a whole sentence."""
        if self.kinds & _NOT_CHATTER:
            return False
        texts = [c for c in self.of_kind("text") if c.value != "quoted"]
        words = [(word, c.start == 0) for c in texts for word in self.text_of(c).split() if fold(word)]
        if not words:
            return len(texts) == len(self.texts)
        if all(is_common_word(word) for word, _ in words):
            return True
        small = all(word == word.lower() or (first and self.text.startswith(word)) for word, first in words)
        return small and any(f in word_set("conversation", "sentence_words") for f in self.folds)

    def with_text(self, text: str) -> "Turn":
        """The same turn with another message."""
        return self if text == self.text else Turn(text, self.desk, self.region)

    def of_kind(self, *kinds: str) -> list[Chunk]:
        return [c for c in self.chunks if c.kind in kinds]

    def chunks_behind(self, verb: Chunk) -> list[Chunk]:
        """The chunks behind a verb, without fillers and words such as "new"."""
        return [c for c in self.chunks if c.start >= verb.end and c.kind not in ("filler", "new")]

    def text_of(self, chunk: Chunk) -> str:
        return self.text[chunk.start : chunk.end]

    def whole_phrase(self, *path: str) -> str | None:
        """The list in a table of the lexicon of which the whole message is a phrase, or None."""
        found = phrases(*path).whole(self.folds)
        return str(found) if found else None

    def contact_at(self, position: str) -> Mapping[str, Any] | None:
        """The contact at a position of the list shown; ``-1`` is the last."""
        if position == "-1":
            return self.shown[-1] if self.shown else None
        by_number = {str(c.get("n", i)): c for i, c in enumerate(self.shown, 1)}
        return by_number.get(position)

    def contact_named(self, text: str) -> str | None:
        """The id of the one contact on the desk whose data contain all the words, or None."""
        wanted = set(folds_of(text))
        if not wanted:
            return None
        candidates = list(self.shown)
        if self.focus and all(c.get("id") != self.focus.get("id") for c in candidates):
            candidates.append(dict(self.focus))
        found = [str(c["id"]) for c in candidates if wanted <= _words_of(c)]
        return found[0] if len(found) == 1 else None

    def resolve(self, mention: Mention | None) -> str | None:
        """The contact that is mentioned, as the tools take it: an id from the desk, else the user's own words."""
        if mention is not None and mention.kind == "position":
            found = self.contact_at(mention.text)
            return str(found["id"]) if found else None
        if mention is not None and mention.kind == "text":
            return self.contact_named(mention.text) or mention.text or None
        updating = self.draft.get("action") == "update"
        if updating and self.draft_contact and self.desk.get("focus") is None:
            return self.draft_contact
        if self.focus:
            return str(self.focus["id"])
        return self.draft_contact if updating else None


def _words_of(contact: Mapping[str, Any]) -> set[str]:
    found = set[str]()
    for key in ("name", "company", "email", "phone"):
        value = str(contact.get(key) or "")
        found |= {*folds_of(value), fold(value)}
    return found - {""}


def correct_phone(turn: Turn, values: dict[str, str]) -> dict[str, str]:
    """The new values, in which a number without a label corrects the number that the draft already holds."""
    held = [name for name in turn.draft_values if name in PHONES]
    labelled = any(c.value in PHONES for c in turn.of_kind("label"))
    adds = bool(turn.folds) and turn.folds[0] in word_set("connectors", "and")
    if "phone" not in values or not held or labelled or adds:
        return values
    return {(held[-1] if name == "phone" else name): value for name, value in values.items()}
