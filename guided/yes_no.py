"""Plain answers: a message that says yes, no or "skip it", and nothing more."""

from collections.abc import Collection, Sequence
from typing import Literal
from unicodedata import category

from language import clean_message

from .dialogue_acts import answer_kind, dialogue_acts
from .lexicon import folds_of, lexicon, phrases, word_set

Answer = Literal["yes", "no"]
_YES_NO: tuple[Answer, ...] = ("yes", "no")
_MAX_LENGTH = 200
_PUNCTUATION = frozenset(".,!…'’´`\"“”„«»()*-–—")
_THANKFUL = frozenset(("ja tak", "yes please", "yes thanks"))
_INVISIBLE = {"Cc", "Cf", "Sk"}  # line breaks, joiners, and skin tones of emoji


def plain_answer(text: str, actions: Collection[str] = ()) -> Answer | None:
    """``yes`` or ``no`` where the whole message is that and nothing more, in Danish or English; otherwise None.

    ``actions``: those that the user is asked to approve (create, update, undo), if any. "opret den" does not approve
    an undo.

    >>> plain_answer("Ja tak!"), plain_answer("nej"), plain_answer("ja, men ret navnet"), plain_answer("ja?")
    ('yes', 'no', None, None)
    """
    if len(text) > _MAX_LENGTH or "?" in text:
        return None
    answer = _answer(clean_message(text), actions)
    return None if answer == "yes" and _has_doubtful_sign(text) else answer


def _answer(text: str, actions: Collection[str]) -> Answer | None:
    if any(c.isdigit() for c in text):
        return None
    signs = [answer for answer in _YES_NO if any(sign in text for sign in lexicon()["answers"][f"{answer}_signs"])]
    if len(signs) > 1:
        return None
    folds = folds_of(text.replace(",", " "))
    if not folds:
        return signs[0] if signs else None
    phrase = phrases("answers").whole(folds)
    if phrase:
        kind = answer_kind(phrase, actions)
        return next((answer for answer in _YES_NO if kind == answer and set(signs) <= {answer}), None)
    return None if signs else _answer_of_acts(text, folds, actions)


def _answer_of_acts(text: str, folds: Sequence[str], actions: Collection[str]) -> Answer | None:
    """The answer of several phrases in a row, with only courtesy between them."""
    if all(_refuses(part, actions) for part in (folds, *_parts(text))):
        return "no"
    folds = [*folds[:1], *folds[2:]] if " ".join(folds[:2]) in _THANKFUL else folds
    courtesy = set(folds) & word_set("conversation", "courtesy")
    polite = courtesy <= word_set("conversation", "courtesy_beside_yes")
    return "yes" if polite and dialogue_acts(folds, actions) == {"yes"} else None


def _parts(text: str) -> list[list[str]]:
    """The parts between commas that are more than courtesy: one of "gem den, ikke senere" does not refuse."""
    parts = [folds_of(part) for part in text.split(",")]
    return [part for part in parts if not word_set("conversation", "courtesy").issuperset(part)]


def _refuses(folds: Sequence[str], actions: Collection[str]) -> bool:
    found = dialogue_acts(folds, actions)
    return bool(found & {"no", "refuse", "undo"}) and found <= {"no", "refuse", "confused", "undo"}


def _has_doubtful_sign(text: str) -> bool:
    """Whether a sign stands beside the words that a plain yes does not have: "ja 🙄", "ja :("."""
    for sign in (*lexicon()["answers"]["yes_signs"], *lexicon()["answers"]["friendly_signs"]):
        text = text.replace(sign, " ")
    return any(_is_doubtful(c, category(c)) for c in text)


def _is_doubtful(character: str, kind: str) -> bool:
    is_word = kind[0] in "LMZ"
    return not is_word and character not in _PUNCTUATION and kind not in _INVISIBLE


def chooses_existing(text: str) -> bool:
    """Whether the whole message chooses the contact that exists already: "brug den, der findes"."""
    return phrases("card").whole(folds_of(text.replace(",", " "))) == "existing"


def is_skip(text: str) -> bool:
    """Whether the whole message says to leave a field empty."""
    return phrases("answers").whole(folds_of(text)) == "skip"
