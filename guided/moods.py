"""What is said about the conversation and not about a contact: wait, again, undo, only if, and plain chatter."""

from crm.domain import fold

from .lexicon import folded, phrases, single
from .said import denied, moods, taken_away
from .tape import Piece
from .turn import Call, Say, Step, Turn
from .undoing import taken_back
from .values import is_common

_TYPED = {"email", "phone", "url", "domain", "label"}


def mood(turn: Turn) -> Step | None:
    """The sentence for a message that asks to wait, to try again or to undo, or that makes a condition."""
    if _conditional(turn):
        return Say("guided-condition")
    found = moods(turn.folds)
    if "undo" in found:
        return taken_back(turn)
    if "wait" in found:
        return Say("guided-wait")
    if "again" in found:
        return proposed(turn) or Say("guided-again")
    if "anyway" in found and turn.question[0] not in ("search_empty", "contact_not_found"):
        return proposed(turn) or Say("guided-unclear")
    return Say("guided-unclear") if "lost" in found else None


def refused(turn: Turn) -> Step | None:
    """ "Opret ikke Per", "du må ikke rette hende": a command that is not to be carried out."""
    verb = turn.verb
    if verb is None or verb.value in ("search", "ask"):
        return None
    if taken_away(turn.text[verb.end :]):
        return Say("guided-closed")
    before, behind = (list(folded(text)) for text in (turn.text[: verb.start], turn.text[verb.end :]))
    told = [f for f in turn.folds if f not in single("moods", "soft")]
    left = bool(told) and phrases("unwanted", "leave").at(told, 0) is not None
    return Say("guided-closed") if not turn.asked and (left or denied(before, behind)) else None


def proposed(turn: Turn) -> Step | None:
    """The draft once more, where there is one with values."""
    values, contact = dict(turn.draft_values), turn.draft_contact
    if turn.draft.get("action") == "create" and values:
        return Call("create_contact", {"properties": values})
    if turn.draft.get("action") == "update" and contact and values:
        return Call("update_contact", {"contact": contact, "properties": values})
    if turn.draft.get("action") == "search" and "query" in values:
        return Call("search_contacts", {"query": values.pop("query"), "filters": values})
    return None


def _conditional(turn: Turn) -> bool:
    """ "ja, hvis det er den fra Aarhus", "hvis Per ringer, opret ham": only the user can tell."""
    folds, i = turn.folds, 0
    while i < len(folds):
        said = phrases("answers").at(folds, i)
        if not said and folds[i] not in single("moods", "soft"):
            break
        i += said[1] if said else 1
    if i + 1 >= len(folds) or folds[i] not in single("moods", "condition"):
        return False
    commands = i == 0 and turn.verb is not None and "," in turn.text
    return commands or folds[i + 1] in single("moods", "condition_subject")


def is_chatter(turn: Turn) -> bool:
    """Whether no word of the message can be a name: all are ordinary words, or small letters in a whole sentence."""
    if turn.kinds() & _TYPED:
        return False
    spans = [(p.start, w) for p in turn.pieces if p.kind == "text" and p.value != "quoted" for w in _words(turn, p)]
    if not spans:
        return all(p.value != "quoted" for p in turn.pieces)
    if all(is_common(w) for _, w in spans):
        return True
    small = all(w == w.lower() or (start == 0 and turn.text.startswith(w)) for start, w in spans)
    return small and any(f in single("moods", "sentence") for f in turn.folds)


def _words(turn: Turn, piece: Piece) -> list[str]:
    return [w for w in turn.words(piece).split() if fold(w)]
