"""The slots of templates of changes: whose contact, a new value, and fields with their values."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from crm.domain import PARTICLES, fold
from language import is_family_name, is_given_name, is_ordinary

from .lexicon import find_label
from .recognisers import is_common_word, is_function_word, strip_genitive, tidy_value
from .templates import Grammar, Message, Slot, field_called, listed_words, longest_stretch
from .turn import PHONES

_FILE = "requests.toml"
_LONGEST_VALUE, _LONGEST_WHO = 12, 5
_DIGITS = 6  # of a phone number, at least
_NUMBER = re.compile(r"[\d\s()+./-]+(?:,? ?(?:x|ext|ext\.|extension|lokal|lok\.?|local) ?\d+)?")
# "Christensen med Ch", "Alcott with two t's"
_SPELLING_HINT = re.compile(
    r",? (?:spelt |spelled |stavet |staves )?(?:with|med) (?:an? |en |et |two |to |dobbelt |double )*[^\W\d_]{1,2}"
    r"(?:['’]?s|['’]?er)?$",
    re.IGNORECASE,
)
_NOT_SET = frozenset(("id", "name", "hs_object_id", "createdate", "lastmodifieddate"))
_JOINERS = frozenset(map(fold, ("of", "for", "og", "and", "&", "i", "the", "til", "på", "de", "la")))
_AND = frozenset(map(fold, ("og", "and", "samt", "plus")))


def fits(name: str, value: str) -> bool:
    """Whether the text can be a value of the field."""
    if name == "email":
        return "@" in value and " " not in value
    if name in PHONES:
        return is_phone_number(value)
    return name not in _NOT_SET and not (name == "address" and "," in value)


def is_phone_number(text: str) -> bool:
    """Whether the text is a phone number, perhaps with an extension."""
    return sum(c.isdigit() for c in text) >= _DIGITS and _NUMBER.fullmatch(text.casefold()) is not None


def word_of(file: str, name: str) -> Slot:
    """A slot that takes a word of a list of the data file."""

    def slot(message: Message, i: int) -> Iterator[tuple[int, Any]]:
        if i < len(message.folds) and message.folds[i] in listed_words(file, "words", name):
            yield 1, message.folds[i]

    return slot


def who_of(text: str, message: Message) -> str | None:
    """An email, a number, or a name: one of its words looks like a part of one, and none is a function word."""
    if "@" in text or re.fullmatch(r"\+?\d[\d ]{5,}", text):
        return text if " " not in text or "@" not in text else None
    words = text.split()
    if re.search(r"[,:;()?!]|['’]s$", text) or any(not _may_be_name(word) for word in words):
        return None
    looks = any(w[:1].isupper() or is_given_name(w) or is_family_name(w) or not is_ordinary(w) for w in words)
    return text if looks else None


def _may_be_name(word: str) -> bool:
    if fold(word) in PARTICLES:
        return True
    small = word == word.lower()
    if not word[:1].isalpha() or is_function_word(word.lower()):
        return False
    return not small or not (find_label(fold(word)) or is_common_word(word))


def whos_of(text: str, message: Message) -> str | None:
    plain = strip_genitive(text)
    before = listed_words(_FILE, "polite", "before")
    interjection = any(fold(word) in before for word in text.split())  # "ups" is nobody's
    return who_of(plain, message) if plain != text and not interjection else None


def value_of(text: str, message: Message) -> str | None:
    """A value and nothing else: addresses and numbers, or words of which none belongs to a sentence."""
    value = _SPELLING_HINT.sub("", tidy_value(text))
    words = value.split()
    if not words or re.search(r"[?!;:\n]|(?<!\d)\.\s|\s[-–]\s", value):
        return None
    sentence = [w for n, w in enumerate(words) if w == w.lower() and is_function_word(w) and not _joins(words, n)]
    begins_small = words[0] == words[0].lower() and is_ordinary(words[0]) and any(w[:1].isupper() for w in words)
    return None if sentence or begins_small or any(map(_is_verb, words)) else value


def _joins(words: Sequence[str], n: int) -> bool:
    """Whether the word joins two with capitals: "Head of Sales", "Ek og Søn"."""
    beside = [*words[n - 1 : n], *words[n + 1 : n + 2]]
    return fold(words[n]) in _JOINERS and len(beside) == 2 and all(word != word.lower() for word in beside)


def _is_verb(word: str) -> bool:
    folded = fold(word)
    return word == word.lower() and any(folded in listed_words(_FILE, "words", name) for name in ("SET", "CLEAR"))


def _assignments(message: Message, i: int) -> Iterator[tuple[int, Any]]:
    """Fields with their values, each behind a comma or "og"; the longest reading first."""
    for n in range(len(message.words) - i, 1, -1):
        if found := _read_assignments(message, i, i + n):
            yield n, found


def _read_assignments(message: Message, i: int, end: int) -> list[tuple[str, str]]:
    """The fields and values that fill the words from ``i`` to ``end``; [] where others stand between them."""
    found: list[tuple[str, str]] = []
    while i < end:
        read = _read_assignment(message, i, end)
        if read is None:
            return []
        assignment, i = read
        found.append(assignment)
    return found


def _read_assignment(message: Message, i: int, end: int) -> tuple[tuple[str, str], int] | None:
    """A field with its value, and where the next one begins: "by til Ribe", "slet mobilnummeret"."""
    clears = _is(message, i, "CLEAR")
    i += clears or _is(message, i, "SET")
    n, name = next(_FIELDS(message, i), (0, ""))
    at = i + n
    if not n or at > end:
        return None
    if clears and (at == end or _begins_field(message, at)):
        return (name, ""), at + (at < end and message.folds[at] in _AND)
    stop = next((j for j in range(at + 1, end) if _begins_field(message, j)), end)
    value = _assigned(message, at, stop - 1 if stop < end and message.folds[stop - 1] in _AND else stop)
    return ((name, value), stop) if value and fits(name, value) else None


def _assigned(message: Message, at: int, end: int) -> str | None:
    """The value between two words, behind "til" or "to"."""
    at += _is(message, at, "TO") and at + 1 < end
    return value_of(message.said(at, end - at), message) if at < end else None


def _is(message: Message, i: int, name: str) -> bool:
    return i < len(message.folds) and message.folds[i] in listed_words(_FILE, "words", name)


def _begins_field(message: Message, i: int) -> bool:
    separated = bool({",", ";"} & set(message.before(i))) or message.folds[i - 1] in _AND
    i += message.folds[i] in _AND
    i += _is(message, i, "SET") or _is(message, i, "CLEAR")
    return separated and next(_FIELDS(message, i), None) is not None


_VALUES = longest_stretch(_LONGEST_VALUE, value_of)


def _added_or_new(message: Message, i: int) -> Iterator[tuple[int, Any]]:
    """A value; a "+" before it stays, as it adds to a multiple choice."""
    adds = "+ " if i < len(message.words) and message.before(i).strip().endswith("+") else ""
    yield from ((n, f"{adds}{value}") for n, value in _VALUES(message, i))


def _rest(message: Message, i: int) -> Iterator[tuple[int, Any]]:
    """All that stands behind a comma: the user's reasons."""
    if i < len(message.words) and "," in message.before(i):
        yield len(message.words) - i, message.said(i, len(message.words) - i)


_FIELDS = longest_stretch(4, field_called)
REQUESTS = Grammar(
    {
        "WHO": longest_stretch(_LONGEST_WHO, who_of),
        "WHOS": longest_stretch(_LONGEST_WHO, whos_of),
        "VALUE": _added_or_new,
        "ASSIGN": _assignments,
        "REST": _rest,
        **{name: word_of(_FILE, name) for name in ("SET", "CLEAR", "OF", "TO")},
    }
)
