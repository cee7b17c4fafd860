"""Pasted texts: a contact for each person whom a vCard, a table or a signature describes."""

import re
from collections.abc import Sequence

from language import PastedPerson, clean_message, is_thread, read_pasted

from .conversation import out_of_scope
from .lexicon import folds_of, phrases, word_set
from .turn import Say, Step, Turn, call_create_contact

_REQUEST_WORDS = 14  # of a line that is no part of a person
_CREATING = {"create", "add"}
_CHANGED = ("change", "former", "new")


def pasted_contacts(turn: Turn) -> list[Step] | None:
    """The creation of everybody in a pasted text; None where the message is none, or asks for something else.

    What the user asks stands in the first line or in the last one, and may be left out.
    """
    if "\n" not in turn.text.strip():
        return None
    requests, text = _split(turn.text)
    if not all(_asks_to_create(line, turn) for line in requests):
        return None
    if turn.intent in ("search", "update") and not any(map(_verbs, requests)):
        return None
    if is_thread(text):
        return [Say("guided-unclear")]
    if any(_changes_somebody(line, turn.region) for line in text.splitlines()):
        return None
    people = read_pasted(text, turn.region)
    return [call_create_contact(person.values) for person in people] or None


def pasted_people(message: str, region: str) -> list[PastedPerson]:
    """The people of the pasted text in a message, without the user's request before or behind it."""
    return read_pasted(_split(clean_message(message))[1], region) if "\n" in message else []


def _split(text: str) -> tuple[list[str], str]:
    """The lines before and behind a pasted text that ask for something, and that text: "opret hende:", "add him"."""
    lines = text.strip().split("\n")
    requests: list[str] = []
    head, colon, tail = lines[0].partition(":")
    if colon and (_is_request(head) or (not tail.strip() and len(lines) > 2)):
        requests.append(head)
        lines[0] = tail.strip()
    elif _is_request(lines[0]):
        requests.append(lines.pop(0))
    if len(lines) > 1 and _is_request_about_them(lines[-1]):
        requests.append(lines.pop())
    return requests, "\n".join(lines)


def _is_request(line: str) -> bool:
    """Whether a line holds no address and no number, but a verb, a pronoun or a negation."""
    folds = folds_of(line)
    if not 0 < len(folds) <= _REQUEST_WORDS or re.search(r"[@\d]", line):
        return False
    asks = any(phrases("verbs").at(folds, i) or phrases("pronouns").at(folds, i) for i in range(len(folds)))
    return asks or "?" in line or _refuses(folds)


def _is_request_about_them(line: str) -> bool:
    """Whether a line behind the text asks for something with it: "find ham", "den person skal ikke oprettes"."""
    folds = folds_of(line)
    them = any(phrases("pronouns", "object").at(folds, i) for i in range(len(folds)))
    asks = "?" in line or _refuses(folds) or any(phrases("verbs").at(folds, i) for i in range(len(folds)))
    return them and asks and _is_request(line)


def _changes_somebody(line: str, region: str) -> bool:
    """Whether a line says what has changed: "har skiftet nummer til …", "ny mobil …", "er stoppet"."""
    chunks = Turn(line, {}, region).chunks
    return len(chunks) > 1 and chunks[0].kind in _CHANGED


def _asks_to_create(line: str, turn: Turn) -> bool:
    request, folds, verbs = Turn(line, {}, turn.region), folds_of(line), _verbs(line)
    if verbs - _CREATING or _refuses(folds) or out_of_scope(request):
        return False
    asks = "?" in line and folds[0] not in word_set("negation", "polite_question")
    return bool(verbs) or not (asks or "new" in request.kinds)


def _verbs(line: str) -> set[str]:
    folds = folds_of(line)
    return {found[0] for i in range(len(folds)) if (found := phrases("verbs").at(folds, i))}


def _refuses(folds: Sequence[str]) -> bool:
    refusing = any(phrases("negation", "not").at(folds, i) for i in range(len(folds)))
    return refusing or bool(word_set("negation", "not_behind") & set(folds))
