"""What a message asks for, as far as its words tell without a search: a change, a look-up, or what was done before."""

from typing import Literal

from .conversation import refused_command, small_talk
from .lexicon import word_set
from .turn import Call, Turn
from .undo_requests import history_request, undo_request
from .update_parser import read_update
from .yes_no import plain_answer

RequestKind = Literal["change", "read", "past", "talk", "other"]
_CHANGES = frozenset(("create", "add", "update", "move", "rename", "clear", "delete"))


def request_kind(text: str, region: str) -> RequestKind:
    """What the message asks for. ``past``: what became of a change; ``talk``: small talk, or a no; ``other``: an answer
    or anything else.

    >>> [request_kind(t, "DK") for t in ("ret Mettes telefon til 22334455", "find Mette", "did you save it?", "tak")]
    ['change', 'read', 'past', 'talk']
    """
    turn = Turn(text, {}, region)
    if _undoes(turn):
        return "change"
    if small_talk(turn) or refused_command(turn) or plain_answer(text) == "no":
        return "talk"
    if history_request(turn):
        return "past"
    verbs = {chunk.value for chunk in turn.of_kind("verb")}
    if _opens_question(turn):
        return "past" if verbs & _CHANGES or "change" in turn.kinds else "read"
    if verbs & _CHANGES or (not verbs and _states_value(turn)):
        return "change"
    return "read" if verbs or turn.is_question else "other"


def _opens_question(turn: Turn) -> bool:
    return bool(turn.folds) and turn.folds[0] in word_set("requests", "question_openers")


def _undoes(turn: Turn) -> bool:
    return isinstance(undo_request(turn), Call)


def _states_value(turn: Turn) -> bool:
    """Whether the message says what a field is to be: "Mettes nye mail er …", "telefon 22 33 44 55"."""
    return not turn.is_question and bool(read_update(turn.text, turn.chunks, "statement", ()).values)
