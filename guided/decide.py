"""From a message and the desk to the next step: a tool to call or a sentence to say."""

from collections.abc import Mapping
from typing import Any

from crm.domain import fold

from .commands import STATEMENT, TYPES, asked_about, command, is_plural, search, update_step
from .details import read_details
from .drafts import continued, is_correction
from .keeping import is_denied, left_out
from .lexicon import phrases, single
from .moods import is_chatter, mood, refused
from .questions import answer
from .several import several
from .talk import choice, out_of_scope, small_talk
from .turn import Call, Say, Step, Turn
from .undoing import changes_asked, taken_back
from .update import read_update
from .values import is_common, is_name, is_small


def decide(said: str, desk: Mapping[str, Any], region: str) -> Step:
    """The next step for what the user said."""
    turn = Turn(said, desk, region)
    if not turn.folds and not turn.kinds() & {"text"}:
        return answer(turn) or Say("guided-empty")
    return (
        mood(turn)
        or taken_back(turn)
        or changes_asked(turn)
        or left_out(turn)
        or refused(turn)
        or choice(turn)
        or answer(turn)
        or small_talk(turn)
        or out_of_scope(turn)
        or introduced(turn)
        or several(turn, lambda part: command(part) or _statement(part))
        or asked_about(turn)
        or command(turn)
        or continued(turn)
        or _statement(turn)
        or _by_button(turn)
        or _bare(turn)
    )


def introduced(turn: Turn) -> Step | None:
    """ "Jeg har lige mødt Kirsten Balle fra Nordhavn, læg hende ind": a new contact by the words before."""
    words = turn.text.split()
    folds = [fold(w) for w in words]
    at = next((i for i in range(len(words) - 1, max(len(words) - 9, 1), -1) if _adds_them(folds[i:])), 0)
    if not at or (turn.verb and turn.verb.start == 0):
        return None
    start = next((i for i in range(at) if words[i][:1].isupper() and not is_common(words[i])), at)
    told = Turn(" ".join(words[start:at]), {}, turn.region)
    found = read_details(told.text, told.pieces)
    return Call("create_contact", {"properties": found}) if len(found) > 1 else None


def _adds_them(folds: list[str]) -> bool:
    """Whether the words are "læg hende ind", "add him please"."""
    verb = phrases("verbs").at(folds, 0) if folds[0] else None
    if not verb or verb[0] not in ("create", "add"):
        return False
    rest = [f for f in folds[verb[1] :] if f not in single("fillers", "polite") and f not in single("people", "aside")]
    return bool(rest) and all(f in single("people", "object") for f in rest)


def _statement(turn: Turn) -> Step | None:
    """ "Jens er nu CFO hos Nordlys", "Mettes nye mail er …"."""
    if turn.asked or not turn.kinds() & (STATEMENT | {"label", "is"}):
        return None
    kinds = turn.kinds()
    if is_denied(turn):
        return Say("guided-unclear")
    if not kinds & {"change", "now", "former"} and not ("is" in kinds and kinds & {"label", "text"}):
        return None
    if turn.intent == "create" and not kinds & {"change", "now", "former"}:
        return None
    group = "statement" if kinds & {"change", "now", "former"} else "plain"
    found = read_update(turn.text, turn.pieces, group, turn.known_names)
    if not found.values or (found.ref is None and turn.focus is None):
        return None
    return update_step(turn, found)


def _by_button(turn: Turn) -> Step | None:
    intent = turn.intent or ("search" if turn.draft.get("action") == "search" else None)
    if intent is None or (turn.asked and not turn.kinds() & TYPES and intent != "search"):
        return None
    if is_chatter(turn) and not any(is_plural(turn.words(p)) for p in turn.pieces if p.kind == "text"):
        return None
    if intent == "create":
        values = read_details(turn.text, turn.pieces)
        return Call("create_contact", {"properties": values}) if values else None
    if intent == "update":
        found = read_update(turn.text, turn.pieces, "button", turn.known_names)
        texts = found.ref.text if found.ref else ""
        if found.values or (
            found.ref and (found.ref.kind != "text" or "@" in texts or is_name(texts) or texts.isdigit())
        ):
            return update_step(turn, found)
        return None
    return search(turn) if _nameable(turn) else None


def _nameable(turn: Turn) -> bool:
    """Whether the message is no sentence but a name, a company, an address or a number to look for."""
    if turn.kinds() & TYPES:
        return len(turn.folds) <= 12
    texts = [turn.words(p) for p in turn.pieces if p.kind == "text"]
    if any(is_plural(t) for t in texts):
        return len(turn.folds) <= 12
    if is_chatter(turn):
        return False
    words = [w for t in texts for w in t.split()]
    if turn.kinds() & {"change"} or not words:
        return bool(turn.kinds() & {"label", "in", "from"} and words)
    return len(words) <= 6 and not any(w == w.lower() and is_small(w) for w in words)


def _bare(turn: Turn) -> Step:
    """What says nothing but a name, an email or a number is looked for; the rest is asked about once."""
    labels = [p for p in turn.pieces if p.kind == "label"]
    if labels and turn.focus and not turn.asked:
        found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
        if (found.values or found.missing) and (found.ref is None or found.ref.kind == "person"):
            return update_step(turn, found)
    if _nameable(turn) and (turn.verb is None) and (not turn.asked or len(turn.folds) <= 4):
        return search(turn)
    if is_correction(turn) and turn.focus:
        found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
        if found.values:
            return update_step(turn, found)
    return Say("guided-out-of-scope" if turn.asked else "guided-unclear")
