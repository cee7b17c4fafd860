"""Plain answers and the language of a message."""

from collections.abc import Collection
from typing import Literal
from unicodedata import category

from crm.domain import fold

from .lexicon import phrases, single, words
from .said import answered, moods
from .text import clean

Answer = Literal["yes", "no"]
_MARKS = frozenset(".,!…'’´`\"“”„«»()*-–—")
_UNSEEN = {"Cc", "Cf", "Sk"}  # line breaks, joiners, and the colours of a hand
# beside a yes no other small word may stand: "ja, men", "ja, kan du" are more than that
_COURTESY = {"venligst", "bare", "lige", "nu", "så", "jo", "da", "det", "den", "og", "please", "just", "it"}


def plain_answer(text: str, doing: Collection[str] = ()) -> Answer | None:
    """``yes`` or ``no`` where the whole message is that and nothing more, in Danish or English; otherwise None.

    ``doing``: the actions that are asked about (create, update, undo), if any. "opret den" is no yes to an undo.

    >>> plain_answer("Ja tak!"), plain_answer("nej"), plain_answer("ja, men ret navnet"), plain_answer("ja?")
    ('yes', 'no', None, None)
    """
    if len(text) > 200 or "?" in text:
        return None
    plain = _plain(clean(text), doing)
    return None if plain == "yes" and _doubted(text) else plain


def _plain(said: str, doing: Collection[str]) -> Answer | None:
    folds = [f for f in (fold(w) for w in said.replace(",", " ").split()) if f]
    signs: tuple[Answer, ...] = ("yes", "no")
    signed = {kind for kind in signs if any(s in said for s in words()["answers"][f"{kind}_signs"])}
    if len(signed) > 1 or any(c.isdigit() for c in said):
        return None
    spoken = phrases("answers").whole(folds) if folds else None
    spoken = spoken and answered(spoken, doing)
    if spoken is None and not signed:
        if _refuses(folds, doing) and all(_refuses(part, doing) for part in _parts(said)):
            return "no"
        if moods(folds, doing) == {"yes"} and _COURTESY.issuperset(set(folds) & single("moods", "soft")):
            return "yes"
    for kind in signs:
        if (spoken == kind and signed <= {kind}) or (not folds and signed == {kind}):
            return kind
    return None


def _doubted(text: str) -> bool:
    """Whether a sign stands beside the words that no plain yes has: "ja 🙄", "ja :("."""
    for sign in (*words()["answers"]["yes_signs"], *words()["answers"]["friendly_signs"]):
        text = text.replace(sign, " ")
    return any(c not in _MARKS and category(c)[0] not in "LMZ" and category(c) not in _UNSEEN for c in text)


def _parts(said: str) -> list[list[str]]:
    """What stands between commas, but for courtesy: of "gem den, ikke senere" the one part is no refusal."""
    parts = [[f for f in (fold(w) for w in part.split()) if f] for part in said.split(",")]
    return [part for part in parts if not single("moods", "soft").issuperset(part)]


def _refuses(folds: list[str], doing: Collection[str]) -> bool:
    """Whether the message is a row of refusals, with nothing but courtesy between."""
    found = moods(folds, doing)
    return bool(found & {"no", "refuse", "undo"}) and found <= {"no", "refuse", "lost", "undo"}


def is_skip(text: str) -> bool:
    """Whether the whole message says to leave a field out."""
    return phrases("answers").whole([f for f in (fold(w) for w in text.split()) if f]) == "skip"


def detect_language(text: str) -> Literal["da", "en"] | None:
    """The language that the small words of a message are clearly of, or None."""
    said = clean(text)
    folds = [fold(w.strip(".,:;!?()\"'")) for w in said.split() if not set(w) & {"@", "/"}]
    danish = sum(w in single("language", "da") for w in folds)
    english = sum(w in single("language", "en") for w in folds)
    if danish > english or (danish == english == 0 and any(c in "æøåÆØÅ" for c in said) and len(folds) > 3):
        return "da"
    return "en" if english > danish else None
