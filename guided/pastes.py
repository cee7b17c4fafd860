"""Pasted texts: a contact for each person whom a vCard, a table or a signature describes."""

import re
from collections.abc import Sequence

from language import (
    PastedPerson,
    clean_message,
    has_closing,
    is_address_list,
    is_greeting,
    is_thread,
    read_pasted,
)

from .conversation import out_of_scope
from .lexicon import folds_of, phrases, word_set
from .turn import Call, Say, Step, Turn, call_create_contact, call_update_contact

_REQUEST_WORDS = 14  # of a line that is no part of a person
_PURPOSES = {
    "create": "create", "add": "create", "update": "update", "search": "search", "ask": "search", "whether": "search",
}  # fmt: skip
_CHANGED = ("change", "former", "new")
_NAMES = ("firstname", "lastname")


def pasted_contacts(turn: Turn) -> list[Step] | None:
    """The steps for everybody in a pasted text; None where the message is none, or asks for something else.

    What the user asks stands in the first line or in the last one, and may be left out.
    """
    if not _may_be_pasted(turn.text):
        return None
    requests, text = _split(turn.text)
    purpose = _purpose(requests, turn)
    if purpose is None:
        return None
    if is_thread(text):
        return [Say("guided-unclear")]
    if any(_changes_somebody(line, turn.region) for line in text.splitlines()):
        return None
    people = read_pasted(text, turn.region)
    if purpose == "search" and len(people) > 1:  # the reply tells of one search
        return None
    return [step for person in people if (step := _step(purpose, person, turn))] or None


def pasted_people(message: str, region: str) -> list[PastedPerson]:
    """The people of the pasted text in a message, without the user's request before or behind it."""
    text = clean_message(message)
    return read_pasted(_split(text)[1], region) if _may_be_pasted(text) else []


def _may_be_pasted(text: str) -> bool:
    return "\n" in text.strip() or (text.count("<") > 1 and is_address_list(_split(text)[1]))


def _step(purpose: str, person: PastedPerson, turn: Turn) -> Step | None:
    """Return what the request wants done with the pasted person: create, update or search."""
    if purpose == "create":
        return call_create_contact(person.values)
    email, name = person.values.get("email", ""), " ".join(person.values.get(part, "") for part in _NAMES).strip()
    if purpose == "search":
        return Call("search_contacts", {"query": email or name, "filters": {}})
    known = turn.contact_named(name)  # whose address may be a new one
    left_out = _NAMES if known else (*_NAMES, "email") if email else _NAMES
    values = {key: value for key, value in person.values.items() if key not in left_out}
    return call_update_contact(known or email or name, values) if values else None


def _split(text: str) -> tuple[list[str], str]:
    """The lines before and behind a pasted text that ask for something, and that text: "opret hende:", "add him"."""
    lines = text.strip().split("\n")
    requests: list[str] = []
    head, colon, tail = lines[0].partition(":")
    if colon and (_is_request(head) or (not tail.strip() and len(lines) > 2)):
        requests.append(head)
        lines[0] = tail.strip()
    elif _is_request(lines[0]) and not _is_part_of_mail(lines[0], "\n".join(lines[1:])):
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


def _is_part_of_mail(line: str, behind: str) -> bool:
    """Whether a line that could be a request belongs to the mail that was pasted: a greeting, or a sentence of its own
    about nobody in it, whose verb is no command.
    """
    if is_greeting(line):
        return True
    sentence = Turn(line, {}, "")
    verb = sentence.verb
    commands = verb is None or all(c.kind in ("filler", "separator") for c in sentence.chunks if c.end <= verb.start)
    about_them = "pronoun" in sentence.kinds
    return (
        line.endswith((".", "!")) and not (commands or about_them or _refuses(sentence.folds)) and has_closing(behind)
    )


def _is_request_about_them(line: str) -> bool:
    """Whether a line behind the text asks for something with it: "find ham", "den person skal ikke oprettes"."""
    folds = folds_of(line)
    them = any(phrases("pronouns", "object").at(folds, i) for i in range(len(folds)))
    asks = "?" in line or _refuses(folds) or any(phrases("verbs").at(folds, i) for i in range(len(folds)))
    return them and asks and _is_request(line)


def _changes_somebody(line: str, region: str) -> bool:
    """Whether a line says what has changed: "har skiftet nummer til …", "ny mobil …", "er stoppet"."""
    chunks = Turn(line, {}, region).chunks
    if len(chunks) < 2 or chunks[0].kind not in _CHANGED:
        return False
    return chunks[0].kind != "new" or chunks[1].kind == "label"


def _purpose(requests: Sequence[str], turn: Turn) -> str | None:
    """What the requests ask for with the people: create, update or search; None for anything else, or for two things.

    Without a request it is what the button says.
    """
    if any(_refuses(folds_of(line)) or out_of_scope(Turn(line, {}, turn.region)) for line in requests):
        return None
    if any(map(_tells_deletion, requests)):
        return None
    verbs = set[str]().union(*map(_verbs, requests))
    if verbs - _PURPOSES.keys():
        return None
    purposes = {_PURPOSES[verb] for verb in verbs} or {_without_verb(requests, turn)}
    return purposes.pop() if len(purposes) == 1 else None


def _without_verb(requests: Sequence[str], turn: Turn) -> str:
    """What a request without a verb asks for: "har vi hende?", "hendes nye oplysninger:", "kontakter:"."""
    if any(_asks(line) for line in requests):
        return "search"
    if any(_tells_news(Turn(line, {}, turn.region)) for line in requests):
        return "update"
    return turn.intent or "create"


def _asks(line: str) -> bool:
    return "?" in line and folds_of(line)[0] not in word_set("negation", "polite_question")


def _tells_deletion(line: str) -> bool:
    """Whether a line says that contacts were deleted: "jeg har slettet de her"."""
    deleting = tuple(word_set("verbs", "delete"))
    return any(word.startswith(deleting) for word in folds_of(line))


def _tells_news(request: Turn) -> bool:
    """Whether a request names new details of somebody: "hendes nye oplysninger"."""
    details = "pronoun" in request.kinds or bool(word_set("filters", "details") & set(request.folds))
    return "new" in request.kinds and details


def _verbs(line: str) -> set[str]:
    folds = folds_of(line)
    found = {at[0] for i in range(len(folds)) if (at := phrases("verbs").at(folds, i))}
    return found if "?" in line else found - {"whether"}


def _refuses(folds: Sequence[str]) -> bool:
    refusing = any(phrases("negation", "not").at(folds, i) for i in range(len(folds)))
    return refusing or bool(word_set("negation", "not_behind") & set(folds))
