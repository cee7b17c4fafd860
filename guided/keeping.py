"""What stays as it is in a message that changes something: "men behold stillingen", "uden at ændre byen"."""

import re
from collections.abc import Sequence
from functools import cache

from crm.domain import fold
from language import keeping

from .lexicon import phrases, single, words
from .tape import Piece
from .turn import Call, Say, Step, Turn


def without_kept(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without what is not to be cleared: ``fjern telefonen, men behold stillingen``."""
    told, kept = list[Piece](), False
    for piece in pieces:
        said = text[piece.start : piece.end].split() if piece.kind in ("text", "filler") else []
        begins = text[: piece.start].rstrip()[-1:] in ("", ".", "!", "?", ",", ";")
        keeps = any(fold(w) in keeping() for w in said if w.islower() or begins)  # no name
        again = phrases("verbs").at([fold(w) for w in said], 0) if said and fold(said[0]) else None
        goes_on = again is not None and again[0] in ("clear", "delete")
        kept = keeps or (kept and piece.kind != "verb" and not goes_on)
        told += [] if kept or goes_on else [piece]
    return told


def left_out(turn: Turn) -> Step | None:
    """ "Ja, uden by", "ikke byen": the card without the rows that are named, or as it was where it has no such row."""
    labels = [p for p in turn.pieces if p.kind == "label"]
    if not labels or not turn.draft.get("carded") or turn.draft.get("action") not in ("create", "update"):
        return None
    said = {fold(w) for p in turn.pieces if p.kind != "label" for w in turn.words(p).split()} - {""}
    leaves = keeping() | single("kept", "leaves")
    cues = leaves | single("kept", "drops")
    plain = cues | single("kept", "beside") | single("moods", "soft") | single("fillers", "correction")
    held = [p.value for p in labels if turn.draft_values.get(p.value)]
    if said.isdisjoint(cues) or not said <= plain | single("answers", "yes") or (not held and said.isdisjoint(leaves)):
        return None
    left = {name: value for name, value in turn.draft_values.items() if name not in held}
    if not left:
        return Say("guided-closed")
    if turn.draft.get("action") == "create":
        return Call("create_contact", {"properties": left})
    return Call("update_contact", {"contact": turn.draft_contact, "properties": left}) if turn.draft_contact else None


def is_denied(turn: Turn) -> bool:
    """Whether a statement says what is not so, and not what is: "hendes nummer er ikke 22334455", "… er forkert"."""
    values = [p.start for p in turn.pieces if p.kind in ("email", "phone", "url", "domain")]
    said = [(fold(w), p) for p in turn.pieces if p.kind in ("text", "filler") for w in turn.words(p).split()]
    former = any(p.kind == "former" and fold(turn.words(p)) in single("kept", "lacks") for p in turn.pieces)
    wrong = next((p.start for word, p in said if word in single("kept", "wrong")), 0)
    lacks = bool(values) and (former or max(values) < wrong)  # behind a "wrong" stands what is right
    return lacks or any(word in single("unwanted", "after") for word, _ in said)


def without_aside(text: str, *, new: bool = False) -> str:
    """The message without the clauses that say what is not to be done: ``…, but keep the city``."""
    told = _asides().sub("", text)
    return (_new_asides().sub("", told) if new else told).strip(" ,") or text


@cache
def _asides() -> re.Pattern[str]:
    return re.compile(rf"(?:\s*,\s*|\s+)(?:{_any('led')}\s+)?{_any('aside')}\b[^,;.!?\n]*")


@cache
def _new_asides() -> re.Pattern[str]:
    return re.compile(rf"(?:\s*,\s*(?:{_any('led')}\s+)?|\s+{_any('led')}\s+){_any('created')}\b[^,;!?\n]*")


def _any(kind: str) -> str:
    return f"(?:{'|'.join(re.escape(w) for w in sorted(words()['kept'][kind], key=len, reverse=True))})"
