"""Reads which contacts are wanted: "kunder i Aarhus uden telefon", "not contacted in three months", "vis flere".

``finding.toml`` holds the templates. What they match is taken out of the message, and the search parser reads the rest;
words that then nothing explains mean that the message is something else.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from crm.domain import PARTICLES, fold, option_names, read_period
from language import is_family_name, is_given_name, is_ordinary

from .commands import is_kind_of_contact
from .lexicon import find_label, word_set
from .recognisers import is_common_word, is_function_word, lifecycle_stage, strip_genitive
from .search_parser import read_search
from .turn import Call, Say, Step, Turn, call_get_contact
from .undo_requests import history_request, undo_request

_WORD = re.compile(r"[^\s,;:!?()\[\]\"»«“”]+")
_NOT_BEFORE_END = frozenset(
    map(fold, ("og", "and", "eller", "or", "men", "but", "som", "der", "i", "in", "fra", "from", "at"))
)
_LONGEST_PERIOD, _LONGEST_NAME, _LONGEST_OPTION, _LONGEST_FIELD = 9, 4, 3, 3
_MOST_WORDS = 40  # of a message that asks for contacts
_OTHER_VERBS = frozenset(("create", "add", "update", "move", "rename", "clear", "delete"))


@dataclass
class Conditions:
    """What was understood: ``filters`` and ``sort`` for the tool, and the message without it (``rest``)."""

    filters: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    rest: str = ""


@dataclass(frozen=True)
class _Template:
    parts: Sequence[Sequence[str]]
    filters: Mapping[str, str]
    sort: str


@dataclass(frozen=True)
class _Message:
    """The words of a message: as written, folded, and where each stands."""

    text: str
    region: str
    words: Sequence[re.Match[str]]
    folds: Sequence[str]

    @classmethod
    def of(cls, text: str, region: str) -> "_Message":
        words = [match for match in _WORD.finditer(text) if fold(match[0])]
        return cls(text, region, words, [fold(match[0]) for match in words])

    def said(self, i: int, n: int) -> str:
        return self.text[self.words[i].start() : self.words[i + n - 1].end()].strip(" .,'’")

    def ends_at(self, i: int) -> bool:
        """Whether a clause ends before word ``i``."""
        if i >= len(self.words) or self.folds[i] in _NOT_BEFORE_END:
            return True
        return any(c in ",;:!?()" for c in self.text[self.words[i - 1].end() : self.words[i].start()])


_Slot = Callable[[_Message, int], Iterator[tuple[int, str]]]


def _spans(longest: int, read: Callable[[str, _Message], str | None]) -> _Slot:
    """A slot that takes the longest stretch of words that can be read."""

    def slot(message: _Message, i: int) -> Iterator[tuple[int, str]]:
        for n in range(min(longest, len(message.words) - i), 0, -1):
            if value := read(message.said(i, n), message):
                yield n, value

    return slot


def _field(text: str, message: _Message) -> str | None:
    found = find_label(fold(text))
    return found[0] if found else None


def _period(text: str, message: _Message) -> str | None:
    # only whether it is one: the portal's own day decides which
    return text if read_period(text, today=date.today(), region=message.region) else None  # noqa: DTZ011


def _name(text: str, message: _Message) -> str | None:
    """The text where it is the name of a person: an owner is called by the first name, too."""
    first, *others = text.split()
    if is_function_word(first.lower()) or _is_noun(first) or is_common_word(first):
        return None
    named = is_given_name(first) or (first[:1].isupper() and not message.text.startswith(first))
    fits = all(word[:1].isupper() or is_family_name(word) or fold(word) in PARTICLES for word in others)
    return text if named and fits and not any(map(is_function_word, others)) else None


def _genitive(text: str, message: _Message) -> str | None:
    plain = strip_genitive(text)
    return _name(plain, message) if plain != text else None


def _option(text: str, message: _Message) -> str | None:
    known = {fold(value): value for value in option_names("hs_lead_status")}
    known |= {fold(word): value for value, listed in option_names("hs_lead_status").items() for word in listed}
    if fold(text) in known:
        return text
    return text if text[:1].isupper() and not is_kind_of_contact(text) else None


def _stage(text: str, message: _Message) -> str | None:
    return lifecycle_stage(text)


def _place(text: str, message: _Message) -> str | None:
    return text if all(len(word) == 1 or word[:1].isupper() or not is_ordinary(word) for word in text.split()) else None


def _number(text: str, message: _Message) -> str | None:
    return text if re.fullmatch(r"\d[\d.,]*(?:\s?(?:mio|million|tusind|thousand|k))?", text.casefold()) else None


def _noun(text: str, message: _Message) -> str | None:
    return text if _is_noun(text) else None


def _company(text: str, message: _Message) -> str | None:
    words = text.split()
    fits = words[0][:1].isupper() and all(w[:1].isupper() or w in ("&", "og", "and") or "/" in w for w in words)
    return text if fits and not is_kind_of_contact(text) and fold(words[0]) not in _words("asking", "nouns") else None


_SLOTS: Mapping[str, _Slot] = {
    "FIELD": _spans(_LONGEST_FIELD, _field),
    "PERIOD": _spans(_LONGEST_PERIOD, _period),
    "NAME": _spans(_LONGEST_NAME, _name),
    "GENITIVE": _spans(_LONGEST_NAME, _genitive),
    "OPTION": _spans(_LONGEST_OPTION, _option),
    "STAGE": _spans(2, _stage),
    "PLACE": _spans(3, _place),
    "COMPANY": _spans(4, _company),
    "NUMBER": _spans(2, _number),
    "NOUN": _spans(1, _noun),
}


def _slot(name: str) -> _Slot | None:
    return _SLOTS.get(name.removesuffix("2"))


_KEPT = ("NOUN",)  # says whom, so that it stays in the message


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("finding.toml").read_text("utf-8"))


@cache
def _templates(*kinds: str) -> Sequence[_Template]:
    listed = [(say, entry) for kind in kinds for entry in _data()[kind] for say in entry["say"]]
    return [_Template(_parts(say), entry.get("filter", {}), entry.get("sort", "")) for say, entry in listed]


def _parts(say: str) -> list[list[str]]:
    """The alternatives of each part of a template, folded; "" among them where the part may be left out."""
    return [
        [*(word if _slot(word) or word == "END" else fold(word) for word in part.strip("()").split("|"))]
        + ([""] if part.startswith("(") else [])
        for part in re.findall(r"\([^)]*\)|\S+", say)
    ]


@cache
def _words(*path: str) -> frozenset[str]:
    table, name = path
    return frozenset(" ".join(map(fold, phrase.split())) for phrase in _data()[table][name])


def _match(message: _Message, i: int, parts: Sequence[Sequence[str]]) -> tuple[int, dict[str, str], list[int]] | None:
    """How many words the parts take from word ``i`` on, what the slots stand for, and the words that stay."""
    if not parts:
        return 0, {}, []
    for option in parts[0]:
        for n, value in _part(message, i, option):
            if rest := _match(message, i + n, parts[1:]):
                length, values, kept = rest
                stays = list(range(i, i + n)) if option in _KEPT else []
                return n + length, {**({option: value} if _slot(option) else {}), **values}, [*stays, *kept]
    return None


def _part(message: _Message, i: int, option: str) -> Iterator[tuple[int, str]]:
    if option == "":
        yield 0, ""
    elif option == "END":
        if message.ends_at(i):
            yield 0, ""
    elif slot := _slot(option):
        yield from slot(message, i)
    elif i < len(message.folds) and message.folds[i] == option:
        yield 1, ""


_Found = tuple[int, dict[str, str], list[int], _Template]


def _longest(message: _Message, i: int, *kinds: str) -> _Found | None:
    """The longest match of a template at word ``i``."""
    matches = ((*match, t) for t in _templates(*kinds) if (match := _match(message, i, t.parts)) and match[0])
    return max(matches, key=lambda match: match[0], default=None)


def read_conditions(text: str, region: str) -> Conditions:
    """The conditions and the order that a message names."""
    message, found = _Message.of(text, region), Conditions()
    stays = [True] * len(message.words)
    i = 0
    while i < len(message.words):
        match = _longest(message, i, "condition", "order")
        if match is None:
            i += 1
            continue
        length, values, kept, template = match
        for name, value in template.filters.items():
            found.filters[values.get(name, name)] = _filled(value, values)
        found.sort = _filled(template.sort, values) or found.sort
        stays[i : i + length] = [n in kept for n in range(i, i + length)]
        i += length
    found.rest = _without(message, stays)
    return found


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return re.sub("[A-Z]{4,}2?", lambda m: values.get(m[0], m[0]), pattern)


def _without(message: _Message, stays: Sequence[bool]) -> str:
    """The text without the words that were understood; its other words keep what stands between them."""
    parts, at = [], 0
    for match, keeps in zip(message.words, stays, strict=True):
        parts.append(message.text[at : match.start()])
        parts.append(match[0] if keeps else "")
        at = match.end()
    return " ".join("".join([*parts, message.text[at:]]).split())


def find_by_condition(turn: Turn) -> Step | None:
    """The search for contacts that fulfil conditions, or None where the message names none or is about else."""
    if _is_about_else(turn):
        return None
    if asked := _longest(_Message.of(turn.text, turn.region), 0, "detail"):
        return call_get_contact(asked[1]["NAME"])
    text, counts = _without_count(turn.text)
    found = read_conditions(text, turn.region)
    rest = turn.with_text(_without_articles(found.rest) or " ")
    if not (found.filters.keys() - {"query"} or found.sort or counts) or rest.verb_group in _OTHER_VERBS:
        return None
    parsed = read_search(rest.text, rest.chunks, turn.known_names)
    query = " ".join(filter(None, (parsed.query, found.filters.pop("query", ""))))
    filters = {**parsed.filters, **found.filters}
    if not _is_explained(rest, [query, *parsed.filters.values()]):
        return None
    if _narrows(turn):
        return _search(*_narrowed(turn.desk["search"], query, filters, found.sort))
    return _search(query, filters, found.sort) if _says_contacts(turn) or _asks_who(turn) or found.sort else None


def _is_about_else(turn: Turn) -> bool:
    """Whether the message answers a question, is too long for a request, or is about what was changed."""
    return bool(turn.awaiting or len(turn.folds) > _MOST_WORDS or undo_request(turn) or history_request(turn))


def _search(query: str, filters: Mapping[str, str], sort: str) -> Call:
    """The call of the search; where nothing narrows it, all contacts are listed, the oldest first."""
    order = sort or ("" if query or filters else "createdate")
    return Call("search_contacts", {"query": query, "filters": dict(filters), **({"sort": order} if order else {})})


def _without_articles(text: str) -> str:
    return " ".join(word for word in text.split() if fold(word) not in _words("asking", "articles"))


def _without_count(text: str) -> tuple[str, bool]:
    """The message without "hvor mange" and the like, and whether it had these words."""
    message = _Message.of(text, "DK")
    for n in (4, 3, 2, 1):
        for i in range(min(len(message.words) - n + 1, 6)):
            if " ".join(message.folds[i : i + n]) in _words("asking", "count"):
                return " ".join(
                    f"{text[: message.words[i].start()]} {text[message.words[i + n - 1].end() :]}".split()
                ), True
    return text, False


def _is_noun(word: str) -> bool:
    return fold(word) in _words("asking", "nouns") or is_kind_of_contact(word)


def _says_contacts(turn: Turn) -> bool:
    return any(map(_is_noun, turn.text.split()))


def _asks_who(turn: Turn) -> bool:
    return bool(turn.folds) and turn.folds[0] in ("hvem", "who")


def _narrows(turn: Turn) -> bool:
    """Whether the message speaks of the list that was shown, and names no contacts of its own."""
    if not isinstance(turn.desk.get("search"), Mapping) or _says_contacts(turn):
        return False
    return bool(set(turn.folds) & {word for phrase in _words("narrowing", "words") for word in phrase.split()})


def _narrowed(
    search: Mapping[str, Any], query: str, filters: Mapping[str, str], sort: str
) -> tuple[str, dict[str, str], str]:
    """The search of the list that was shown, with further conditions."""
    before = search.get("filters")
    held = before if isinstance(before, Mapping) else {}
    return query or str(search.get("query") or ""), {**held, **filters}, sort or str(search.get("sort") or "")


def _is_explained(rest: Turn, taken: Sequence[str]) -> bool:
    """Whether every word that is left belongs to the question, to the contacts, or to what is searched for."""
    used = {fold(word) for value in taken for word in value.split()}
    return all(_belongs_to_question(word) or (fold(word) in used and not _is_plain(word)) for word in rest.text.split())


def _is_plain(word: str) -> bool:
    return word == word.lower() and is_ordinary(word)


def _belongs_to_question(word: str) -> bool:
    folded = fold(word)
    asking = ("words", "articles", "numbers")
    if not folded or folded.isdigit() or _is_noun(word) or any(folded in _words("asking", name) for name in asking):
        return True
    return any(folded in word_set(*path) for path in (("verbs", "search"), ("verbs", "ask"), ("filters", "places")))


def turn_page(turn: Turn) -> Step | None:
    """The next or the previous page of the list that was shown: "vis flere"."""
    search, said = turn.desk.get("search"), " ".join(turn.folds)
    step = 1 if said in _words("pages", "next") else -1 if said in _words("pages", "previous") else 0
    if not step or not isinstance(search, Mapping):
        return None
    page = int(search.get("page") or 1) + step
    if page < 1 or (step > 0 and not search.get("more")):
        return Say("guided-no-more")
    return Call(
        "search_contacts", {**{k: v for k in ("query", "filters", "sort") if (v := search.get(k))}, "page": page}
    )
