"""Reads messages that say, as a whole, how a contact is to be changed, or how what waits is to be corrected.

``requests.toml`` holds the templates. A template must match every word of a message; the parsers read the messages that
no template matches.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from crm.domain import fold
from language import is_given_name

from .drafts import proceed
from .slots import REQUESTS, fits
from .templates import Message, TemplateMatch, listed_words, template_data
from .turn import PHONES, Step, Turn, call_update_contact

_FILE = "requests.toml"
_MOST_WORDS, _MOST_CHARACTERS = 30, 600
_COURTESY = re.compile(r"(?<!\w)(?:venligst|please|pls|kindly|lige|bare|just)\s+(?=\w)")
_EMPTY = frozenset(("tom", "tomt", "empty", "blank"))
_PEOPLE = frozenset(("firstname", "lastname", "hubspot_owner_id", "company"))  # whose values are names, too
_WORDY = frozenset(("city", "company", "jobtitle", "firstname", "lastname", "country", "state"))
_QUOTES = frozenset('"“”„«»')


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
    if len(names) != 1 or not fits(names[0], value):
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
    return values if all(not value or fits(name, value) for name, value in values.items()) else {}


def _read(message: Message, kind: str) -> Iterator[tuple[Mapping[str, Any], TemplateMatch]]:
    for entry, parts in _templates(kind):
        if match := REQUESTS.whole(message, parts):
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
    return [(entry, REQUESTS.parts(say)) for entry in template_data(_FILE)[kind] for say in entry["say"]]
