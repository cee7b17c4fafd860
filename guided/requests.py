"""Reads messages that say, as a whole, how a contact is to be changed, or how what waits is to be corrected.

``requests.toml`` holds the templates. A template must match every word of a message; the parsers read the messages that
no template matches.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from crm.domain import PARTICLES, fold
from language import is_family_name, is_given_name, is_ordinary

from .drafts import proceed
from .lexicon import find_label
from .recognisers import is_common_word, is_function_word, strip_genitive, tidy_value
from .templates import Grammar, Message, Slot, TemplateMatch, field_called, listed_words, longest_stretch, template_data
from .turn import PHONES, Step, Turn, call_update_contact

_FILE = "requests.toml"
_MOST_WORDS, _MOST_CHARACTERS = 30, 600
_COURTESY = re.compile(r"(?<!\w)(?:venligst|please|pls|kindly|lige|bare|just)\s+(?=\w)")
_LONGEST_VALUE, _LONGEST_WHO = 12, 5
_DIGITS = 6  # of a phone number, at least
_NOT_SET = frozenset(("id", "name", "hs_object_id", "createdate", "lastmodifieddate"))
_JOINERS = frozenset(map(fold, ("of", "for", "og", "and", "&", "i", "the", "til", "på", "de", "la")))
_EMPTY = frozenset(("tom", "tomt", "empty", "blank"))
_PEOPLE = frozenset(("firstname", "lastname", "hubspot_owner_id", "company"))  # whose values are names, too
_WORDY = frozenset(("city", "company", "jobtitle", "firstname", "lastname", "country", "state"))
_QUOTES = frozenset('"“”„«»')
_AND = frozenset(map(fold, ("og", "and", "samt", "plus")))


def read_request(turn: Turn) -> Step | None:
    """The update that the whole message asks for, or the correction of the draft; None where no template reads it."""
    if len(turn.text) > _MOST_CHARACTERS or set(turn.text) & _QUOTES:
        return None  # the parsers keep what stands in quotes as it is
    message = _without_politeness(Message.of(_COURTESY.sub("", turn.text), turn.region, turn.fields))
    if not 0 < len(message.words) <= _MOST_WORDS or turn.awaiting:
        return None
    return _update(turn, message) or _correction(turn, message)


def read_sentences(turn: Turn, sentences: Sequence[str]) -> list[Step]:
    """The changes that the sentences of a message ask for; [] unless templates read all that say something of them.

    A sentence without a field, an address or a verb only says why.
    """
    parts = [Turn(sentence, {**turn.desk, "draft": None}, turn.region) for sentence in sentences]
    found = [(part, read_request(part)) for part in parts]
    unread = [part for part, step in found if step is None and _says_something(part)]
    return [] if unread else [step for _, step in found if step is not None]


def _says_something(turn: Turn) -> bool:
    """Whether a sentence names a field, an address or a command; "jeg hedder Bo" names none."""
    labels = [chunk for chunk in turn.of_kind("label") if chunk.value != "name"]
    return bool(labels or turn.kinds & {"phone", "email", "verb"})


def _update(turn: Turn, message: Message) -> Step | None:
    for entry, match in _read(message, "update"):
        values = _values(entry["values"], match.values)
        who = str(match.values.get("WHO") or match.values.get("WHOS") or "")
        if values and who:
            return call_update_contact(turn.contact_named(who) or who, values)
    return None


def _correction(turn: Turn, message: Message) -> Step | None:
    """The correction of what waits, or of what was written a moment ago."""
    done = turn.desk.get("done")
    written = isinstance(done, Mapping) and turn.focus is not None and turn.focus["id"] == done.get("contact_id")
    if not turn.draft and written:
        turn = Turn(turn.text, {**turn.desk, "draft": done}, turn.region)
    if not turn.drafts_contact or not turn.draft_values or turn.question[0]:
        return None
    for entry, match in _read(message, "correction"):
        if step := _corrected(turn, entry, match.values):
            return step
    return None


def _corrected(turn: Turn, entry: Mapping[str, Any], said: Mapping[str, Any]) -> Step | None:
    """The draft with a value set, taken off, moved to another field or replaced, or for another contact."""
    if "values" in entry:
        return _with_values(turn, _values(entry["values"], said))
    if "moves" in entry and "FIELD" in said:
        return _moved(turn, str(said["FIELD"]), said.get("FIELD2"))
    if turn.draft.get("action") == "create":
        return None  # which of its values is meant is not said
    if "replaces" in entry:
        return _replaced(turn, str(said["VALUE"]), said.get("VALUE2"))
    return _for_another(turn, str(said["NAME"])) if "contact" in entry else None


def _replaced(turn: Turn, value: str, before: object) -> Step | None:
    """The draft with another value in the place of ``before``, or of its only one; a person's name is no town."""
    held = turn.draft_values
    names = [name for name, old in held.items() if fold(old) == fold(str(before))] if before else list(held)
    if len(names) != 1 or not _fits(names[0], value):
        return None
    if names[0] not in _PEOPLE and _is_full_name(value):
        return _for_another(turn, value)
    if names[0] in _WORDY and not any(c.isalpha() for c in value):
        return None
    return proceed(turn, {**held, names[0]: value} if before else {names[0]: value})


def _for_another(turn: Turn, name: str) -> Step | None:
    """The draft for the contact of this name; a town or a company is none."""
    if not is_given_name(name.split()[0]):
        return None
    return proceed(turn, turn.draft_values, turn.contact_named(name) or name)


def _is_full_name(text: str) -> bool:
    first, *others = text.split()
    return bool(others) and is_given_name(first)


def _with_values(turn: Turn, values: Mapping[str, str]) -> Step | None:
    held = turn.draft_values
    off = {name for name, value in values.items() if not value}
    left = {name: value for name, value in {**held, **values}.items() if name not in off}
    return proceed(turn, left) if values and left and off <= held.keys() else None


def _moved(turn: Turn, name: str, before: object) -> Step | None:
    """The draft in which a number, or the only value, belongs to another field."""
    held = turn.draft_values
    source = before if before in held else next((f for f in held if f in PHONES and name in PHONES), None)
    source = source or (next(iter(held)) if len(held) == 1 else None)
    if source is None or source == name:
        return None
    return proceed(turn, {name if k == source else k: v for k, v in held.items()})


def _values(pattern: Mapping[str, str], said: Mapping[str, Any]) -> dict[str, str]:
    """The values that a template gives, {} where one does not fit its field."""
    if "ASSIGN" in said:
        return dict(said["ASSIGN"])
    pattern = {name: value for name, value in pattern.items() if name != "ASSIGN"}
    values = {str(said.get(name, name)): str(said.get(value, value)) for name, value in pattern.items()}
    values = {name: "" if fold(value) in _EMPTY else value for name, value in values.items()}
    return values if all(not value or _fits(name, value) for name, value in values.items()) else {}


def _fits(name: str, value: str) -> bool:
    """Whether the text can be a value of the field."""
    if name == "email":
        return "@" in value and " " not in value
    if name in PHONES:
        return sum(c.isdigit() for c in value) >= _DIGITS
    return name not in _NOT_SET and not (name == "address" and "," in value)


def _read(message: Message, kind: str) -> Iterator[tuple[Mapping[str, Any], TemplateMatch]]:
    for entry, parts in _templates(kind):
        if match := _GRAMMAR.whole(message, parts):
            yield entry, match


def _without_politeness(message: Message) -> Message:
    """The message without polite words at its beginning and its end."""
    first, last = 0, len(message.words)
    while first < last and message.folds[first] in _words("polite", "before"):
        first += 1
    while last > first and message.folds[last - 1] in _words("polite", "behind"):
        last -= 1
    return message.part(first, last)


def _words(table: str, name: str) -> frozenset[str]:
    return listed_words(_FILE, table, name)


@cache
def _templates(kind: str) -> Sequence[tuple[Mapping[str, Any], Sequence[Sequence[str]]]]:
    return [(entry, _GRAMMAR.parts(say)) for entry in template_data(_FILE)[kind] for say in entry["say"]]


def _word_of(name: str) -> Slot:
    def slot(message: Message, i: int) -> Iterator[tuple[int, Any]]:
        if _is(message, i, name):
            yield 1, message.folds[i]

    return slot


def _who(text: str, message: Message) -> str | None:
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


def _whos(text: str, message: Message) -> str | None:
    plain = strip_genitive(text)
    interjection = any(fold(word) in _words("polite", "before") for word in text.split())  # "ups" is nobody's
    return _who(plain, message) if plain != text and not interjection else None


def _value(text: str, message: Message) -> str | None:
    """A value and nothing else: addresses and numbers, or words of which none belongs to a sentence."""
    value = tidy_value(text)
    words = value.split()
    if not words or re.search(r"[?!;:\n]|\.\s|\s[-–]\s", value):
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
    return word == word.lower() and any(folded in _words("words", name) for name in ("SET", "CLEAR"))


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
    return ((name, value), stop) if value and _fits(name, value) else None


def _assigned(message: Message, at: int, end: int) -> str | None:
    """The value between two words, behind "til" or "to"."""
    at += _is(message, at, "TO") and at + 1 < end
    return _value(message.said(at, end - at), message) if at < end else None


def _is(message: Message, i: int, name: str) -> bool:
    return i < len(message.folds) and message.folds[i] in _words("words", name)


def _begins_field(message: Message, i: int) -> bool:
    separated = bool({",", ";"} & set(message.before(i))) or message.folds[i - 1] in _AND
    i += message.folds[i] in _AND
    i += _is(message, i, "SET") or _is(message, i, "CLEAR")
    return separated and next(_FIELDS(message, i), None) is not None


_VALUES = longest_stretch(_LONGEST_VALUE, _value)


def _added_or_new(message: Message, i: int) -> Iterator[tuple[int, Any]]:
    """A value; a "+" before it stays, as it adds to a multiple choice."""
    adds = "+ " if i < len(message.words) and message.before(i).strip().endswith("+") else ""
    yield from ((n, f"{adds}{value}") for n, value in _VALUES(message, i))


def _rest(message: Message, i: int) -> Iterator[tuple[int, Any]]:
    """All that stands behind a comma: the user's reasons."""
    if i < len(message.words) and "," in message.before(i):
        yield len(message.words) - i, message.said(i, len(message.words) - i)


_FIELDS = longest_stretch(4, field_called)
_GRAMMAR = Grammar(
    {
        "WHO": longest_stretch(_LONGEST_WHO, _who),
        "WHOS": longest_stretch(_LONGEST_WHO, _whos),
        "VALUE": _added_or_new,
        "ASSIGN": _assignments,
        "REST": _rest,
        **{name: _word_of(name) for name in ("SET", "CLEAR", "OF", "TO")},
    }
)
