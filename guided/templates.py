"""Templates of what people say: rows of words and slots, read from data files and matched with a message.

A template is a text such as ``kontakter uden (en|et) FIELD``: a part is a word, "a|b" is one of two, "(a)" may be left
out, and a name in capitals is a slot, which takes the longest stretch of words that it can read. A 2 behind its name is
another slot of the kind. ``END`` holds where a clause ends, ``COLON`` where a colon stands.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from crm.domain import PARTICLES, fold, option_names, read_period
from language import is_family_name, is_given_name, is_ordinary

from .lexicon import find_label, word_set
from .recognisers import (
    is_common_word,
    is_function_word,
    is_kind_of_contact,
    is_title,
    is_whole_title,
    lifecycle_stage,
    singular_title,
    strip_genitive,
)

_WORD = re.compile(r"[^\s,;:!?()\[\]\"»«“”]+")
# begin another part of a request
_NOT_BEFORE_END = frozenset((
    "og", "and", "eller", "or", "men", "but", "som", "der", "i", "in", "fra", "from", "at", "hos", "paa", "ved", "med",
    "with", "uden", "without", "oprettet", "created", "sorteret", "sorted",
))  # fmt: skip
_IN_OPTIONS = frozenset(("to",))
Values = dict[str, Any]
Slot = Callable[["Message", int], Iterator[tuple[int, Any]]]


@cache
def template_data(file: str) -> dict[str, Any]:
    """The content of a data file beside this one: templates, and lists of words."""
    return tomllib.loads(Path(__file__).with_name(file).read_text("utf-8"))


@cache
def listed_words(file: str, table: str, name: str) -> frozenset[str]:
    """The entries of a list in a data file, each word of them folded."""
    return frozenset(" ".join(map(fold, entry.split())) for entry in template_data(file)[table][name])


@dataclass(frozen=True)
class Message:
    """The words of a message: as written, folded, and where each stands."""

    text: str
    region: str
    words: Sequence[re.Match[str]]
    folds: Sequence[str]
    fields: Mapping[str, str]
    # what a slot reads at a word: hundreds of templates ask the same
    read: dict[tuple[str, int], list[tuple[int, Any]]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, text: str, region: str, fields: Mapping[str, str]) -> "Message":
        """Split a text; ``fields``: the portal's properties, by their folded labels."""
        words = [match for match in _WORD.finditer(text) if fold(match[0])]
        return cls(text, region, words, [fold(match[0]) for match in words], fields)

    def part(self, first: int, end: int) -> "Message":
        """The message without the words before ``first`` and from ``end`` on."""
        return replace(self, words=self.words[first:end], folds=self.folds[first:end], read={})

    def said(self, i: int, n: int) -> str:
        """The ``n`` words from word ``i`` on, as they were written."""
        return self.text[self.words[i].start() : self.words[i + n - 1].end()].strip(" .,'’")

    def before(self, i: int) -> str:
        """What stands between word ``i`` and the one before it."""
        start = self.words[i - 1].end() if i else 0
        return self.text[start : self.words[i].start() if i < len(self.words) else len(self.text)]

    def ends_at(self, i: int) -> bool:
        """Whether a clause ends before word ``i``."""
        if i >= len(self.words) or self.folds[i] in _NOT_BEFORE_END:
            return True
        return bool(set(self.before(i)) & set(",;:!?()"))


@dataclass(frozen=True)
class TemplateMatch:
    """``length``: how many words were matched; ``values``: what the slots stand for; ``spans``: where, by slot."""

    length: int
    values: Values
    spans: Mapping[str, range]


class Grammar:
    """Matches templates whose slots are the common ones and ``more``."""

    def __init__(self, more: Mapping[str, Slot] | None = None) -> None:
        self._slots = {**_SLOTS, **(more or {})}

    def parts(self, say: str) -> list[list[str]]:
        """The alternatives of each part of a template, folded; "" among them where the part may be left out."""
        return [
            [*(word if self._is_special(word) else fold(word) for word in part.strip("()").split("|"))]
            + ([""] if part.startswith("(") else [])
            for part in re.findall(r"\([^)]*\)|\S+", say)
        ]

    def first_words(self, parts: Sequence[Sequence[str]]) -> frozenset[str]:
        """The folded words with which the parts can begin; empty if a slot may come first, which any word may be."""
        words: set[str] = set()
        for part in parts:
            if any(self._is_special(option) for option in part):
                return frozenset()
            words.update(part)
            if "" not in part:
                break
        return frozenset(words)

    def matches(self, message: Message, i: int, parts: Sequence[Sequence[str]]) -> Iterator[TemplateMatch]:
        """The ways in which the parts match the message from word ``i`` on, the longest slots first."""
        if not parts:
            yield TemplateMatch(0, {}, {})
            return
        for option in parts[0]:
            for n, value in self._part(message, i, option):
                for rest in self.matches(message, i + n, parts[1:]):
                    values = {**({option: value} if self._slot(option) else {}), **rest.values}
                    yield TemplateMatch(n + rest.length, values, {option: range(i, i + n), **rest.spans})

    def whole(self, message: Message, parts: Sequence[Sequence[str]]) -> TemplateMatch | None:
        """The match of the parts with the whole message."""
        found = self.matches(message, 0, parts)
        return next((match for match in found if match.length == len(message.words)), None)

    def slot(self, name: str) -> Slot:
        """The slot of this name."""
        return self._slots[name]

    def _slot(self, name: str) -> Slot | None:
        return self._slots.get(name.removesuffix("2"))

    def _is_special(self, word: str) -> bool:
        return word in ("END", "COLON") or self._slot(word) is not None

    def _part(self, message: Message, i: int, option: str) -> Iterator[tuple[int, Any]]:
        if option == "" or (option == "END" and message.ends_at(i)) or (option == "COLON" and ":" in message.before(i)):
            yield 0, ""
        elif slot := self._slot(option):
            key = (option.removesuffix("2"), i)
            if key not in message.read:
                message.read[key] = list(slot(message, i))
            yield from message.read[key]
        elif i < len(message.folds) and message.folds[i] == option:
            yield 1, ""


def longest_stretch(longest: int, read: Callable[[str, Message], Any]) -> Slot:
    """A slot that takes the longest stretch of words that can be read."""

    def slot(message: Message, i: int) -> Iterator[tuple[int, Any]]:
        for n in range(min(longest, len(message.words) - i), 0, -1):
            if value := read(message.said(i, n), message):
                yield n, value

    return slot


def field_called(text: str, message: Message) -> str | None:
    """The property that the text names: a standard one in either language, or one of the portal by its label."""
    found = find_label(fold(text))
    return found[0] if found else message.fields.get(fold(text))


def _period(text: str, message: Message) -> str | None:
    # only whether it is one: the portal's own day decides which
    return text if read_period(text, today=date.today(), region=message.region) else None  # noqa: DTZ011


def name_of(text: str, message: Message) -> str | None:
    """The text where it is the name of a person: an owner is called by the first name, too."""
    first, *others = text.split()
    if is_function_word(first.lower()) or is_noun(first) or is_common_word(first):
        return None
    named = is_given_name(first) or (first[:1].isupper() and not message.text.startswith(first))
    fits = all(word[:1].isupper() or is_family_name(word) or fold(word) in PARTICLES for word in others)
    return text if named and fits and not any(map(is_function_word, others)) else None


def _genitive(text: str, message: Message) -> str | None:
    plain = strip_genitive(text)
    return name_of(plain, message) if plain != text else None


def _option(text: str, message: Message) -> str | None:
    known = {fold(value): value for value in option_names("hs_lead_status")}
    known |= {fold(word): value for value, listed in option_names("hs_lead_status").items() for word in listed}
    if fold(text) in known:
        return text
    named = all(word[:1].isupper() or fold(word) in _IN_OPTIONS for word in text.split()) and text[:1].isupper()
    return text if named and not is_kind_of_contact(text) else None


def _stage(text: str, message: Message) -> str | None:
    return lifecycle_stage(text)


def _place(text: str, message: Message) -> str | None:
    return text if all(len(word) == 1 or word[:1].isupper() or not is_ordinary(word) for word in text.split()) else None


def _number(text: str, message: Message) -> str | None:
    return text if re.fullmatch(r"\d[\d.,]*(?:\s?(?:mio|million|tusind|thousand|k))?", text.casefold()) else None


def _noun(text: str, message: Message) -> str | None:
    return text if is_noun(text) else None


def _company(text: str, message: Message) -> str | None:
    words = text.split()
    fits = words[0][:1].isupper() and all(w[:1].isupper() or w in ("&", "og", "and") or "/" in w for w in words)
    return text if fits and not is_kind_of_contact(text) and not is_noun(words[0]) else None


def _plural(text: str, message: Message) -> str | None:
    """The job title whose plural the text is."""
    return singular_title(text)


def _title(text: str, message: Message) -> str | None:
    words = text.split()
    plain = not any(map(is_function_word, words)) and is_title(text) and is_whole_title(words[-1:])
    return text if is_whole_title(words) or plain else None


def is_plain(word: str) -> bool:
    """Whether the word is an ordinary one in small letters."""
    return word == word.lower() and is_ordinary(word)


def is_noun(word: str) -> bool:
    """Whether the word stands for contacts: "kontakter", "customers", "bogholdere"."""
    return fold(word) in word_set("contact_nouns", "words") or is_kind_of_contact(word)


_SLOTS: Mapping[str, Slot] = {
    "FIELD": longest_stretch(4, field_called),
    "PERIOD": longest_stretch(9, _period),
    "NAME": longest_stretch(4, name_of),
    "GENITIVE": longest_stretch(4, _genitive),
    "OPTION": longest_stretch(3, _option),
    "STAGE": longest_stretch(3, _stage),
    "PLACE": longest_stretch(3, _place),
    "COMPANY": longest_stretch(4, _company),
    "PLURAL": longest_stretch(3, _plural),
    "TITLE": longest_stretch(4, _title),
    "NUMBER": longest_stretch(2, _number),
    "TEXT": longest_stretch(1, lambda text, _: text),
    "NOUN": longest_stretch(1, _noun),
}
