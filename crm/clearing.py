"""Whether somebody said to clear a field: its name, and a word of clearing with it."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from crm.errors import CrmError
from crm.fields import fold
from crm.normalise import PHONES
from crm.schema import Schema

# how much is looked up as names of fields: a pasted text may be long
_LINES = 20
_MOST = 300  # words of a line
# all that the guided model takes for clearing is among them (a test holds them against its lexicon)
_PHRASES = """
fjern, fjerne, fjernes, fjerner, fjernet, slet, slette, slettes, sletter, slettet, nulstil, nulstille, nulstilles
ryd, rydde, ryddes, rydder, ryddet, tøm, tømme, tømmes, tømmer, tømt, smid ud, smide ud, visk ud, stryg, stryge
drop, droppe, drop feltet, glem, glemme, udelad, udelade, undlad, undlade, spring over
blank, tom, tomt, tomme, ingen, intet, uden, væk
ikke længere, ikke mere, er ikke længere, har ikke længere, har ikke, har den ikke, har ingen
har forladt, er stoppet, stoppet, har sagt op
clear, cleared, clearing, remove, removed, removing, delete, deleted, deleting, erase, erased, wipe, wiped
empty, emptied, unset, blank out, take out, take away, strike out, get rid of, skip, skip it, forget, drop it
none, nothing, null, without, without it, leave out, leave it out, leave it blank
no longer, is no longer, no longer has, not any more, not anymore, has no, have no, does not have, doesn't have
has left, left
"""
_MISSPELT = ("slette", "fjerne", "delete", "remove")
_SPLIT = frozenset(("smid", "smide", "visk"))  # "smid hendes fax ud"
_NOT = frozenset(("ikke", "not", "dont", "never", "aldrig"))
_NAMES = frozenset(("Tom", "Blank"))


def is_cleared(name: str, said: str, schema: Schema) -> bool:
    """Whether a line of what was said names the field and says to clear it.

    A line that says to clear without naming any field ("slet det") is about the field of the line beside it.
    """
    lines = [line for line in said.splitlines() if line.strip()]
    named: dict[int, set[str]] = {}

    def fields(i: int) -> set[str]:
        if i not in named and 0 <= i < len(lines) and len(named) < _LINES:
            named[i] = fields_in(lines[i], schema)
        return named.get(i, set())

    for i in reversed(range(len(lines))):  # what was said last counts most, where there is too much of it
        if not _says_clear(lines[i]):
            continue
        about = fields(i) or fields(i - 1) | fields(i + 1)
        if name in about or (name in PHONES and about & set(PHONES)):
            return True
    return False


def fields_in(text: str, schema: Schema) -> set[str]:
    """The fields that are named in a text, by any of their names and with Danish endings."""
    listed = re.findall(r"[\w-]+", text)[:_MOST]
    found = set()
    for words in (*listed, *(" ".join(pair) for pair in pairwise(listed))):
        try:
            found.add(schema.find(words).name)
        except CrmError:
            continue
    return found


def _says_clear(line: str) -> bool:
    listed = [word for word in re.findall(r"[\w'’]+", line) if fold(word)]
    folds = [fold(word) for word in listed]
    for i in range(len(folds)):
        length = _clearing_at(folds, i)
        if length and not (length == 1 and listed[i] in _NAMES) and not _is_denied(folds, i, i + length):
            return True
    return False


def _clearing_at(folds: Sequence[str], i: int) -> int:
    """How many words from ``i`` on are a phrase of clearing; 0: none."""
    for phrase in _phrases().get(folds[i], ()):
        if tuple(folds[i : i + len(phrase)]) == phrase:
            return len(phrase)
    if folds[i] in _SPLIT and "ud" in folds[i:]:
        return 1
    near = 5 <= len(folds[i]) <= 14 and any(OSA.distance(folds[i], fold(word)) <= 1 for word in _MISSPELT)
    return 1 if near else 0


def _is_denied(folds: Sequence[str], start: int, end: int) -> bool:
    """``slet ikke``, ``don't remove``; a phrase that holds its own not is none of them."""
    if _NOT & set(folds[start:end]):
        return False
    return bool(_NOT & {*folds[max(0, start - 1) : start], *folds[end : end + 1]})


@cache
def _phrases() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in re.split(r"[,\n]", _PHRASES.strip()):
        key = tuple(fold(word) for word in phrase.split())
        found.setdefault(key[0], []).append(key)
    for listed in found.values():
        listed.sort(key=len, reverse=True)
    return found
