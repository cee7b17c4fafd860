"""Pasted texts: a contact for each person whom a vCard, a table or a signature describes."""

import re

from language import read_pasted

from .lexicon import folds_of, phrases
from .turn import Step, Turn, call_create_contact

_REQUEST_WORDS = 14  # of the words before a pasted text
_OTHER = ("search", "ask", "update", "move", "rename", "clear", "delete")


def pasted_contacts(turn: Turn) -> list[Step] | None:
    """The creation of everybody in a pasted text; None where the message is none, or asks for something else."""
    if "\n" not in turn.text.strip():
        return None
    request, text = _split(turn.text)
    verbs = {found[0] for i in range(len(request)) if (found := phrases("verbs").at(request, i))}
    if verbs & set(_OTHER) and not verbs & {"create", "add"}:
        return None
    people = read_pasted(text, turn.region)
    return [call_create_contact(person.values) for person in people] or None


def _split(text: str) -> tuple[list[str], str]:
    """The words of the request before a pasted text, and that text: "opret hende:", "add this person"."""
    first, _, rest = text.strip().partition("\n")
    head, colon, tail = first.partition(":")
    if colon and _is_request(head):
        return folds_of(head), f"{tail.strip()}\n{rest}"
    return (folds_of(first), rest) if _is_request(first) else ([], text)


def _is_request(line: str) -> bool:
    folds = folds_of(line)
    if not 0 < len(folds) <= _REQUEST_WORDS or re.search(r"[@\d]", line):
        return False
    return any(phrases("verbs").at(folds, i) for i in range(len(folds)))
