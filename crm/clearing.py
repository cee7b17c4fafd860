"""Which fields somebody said to clear: a field's name, and a word of clearing in the same clause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from crm.fields import fold
from crm.normalise import PHONES
from crm.schema import Schema

# how much is looked up as names of fields: a pasted text may be long
_LINES = 20
_MOST = 300  # words of a line
# all that the guided model takes for clearing is among them (a test holds them against its lexicon)
_DOING = """
fjern, fjerne, fjernes, fjerner, fjernet, slet, slette, slettes, sletter, slettet, nulstil, nulstille, nulstilles
ryd, rydde, ryddes, rydder, ryddet, tøm, tømme, tømmes, tømmer, tømt, smid ud, smide ud, visk ud, stryg, stryge
drop, droppe, drop feltet, glem, glemme, udelad, udelade, undlad, undlade, spring over
clear, cleared, clearing, remove, removed, removing, delete, deleted, deleting, erase, erased, wipe, wiped
emptied, unset, blank out, take out, take away, strike out, get rid of, skip, skip it, forget, drop it
leave out, leave it out, leave it blank
"""
# what a field is, or is to be
_STATES = """
blank, tom, tomt, tomme, ingen, intet, uden, væk
ikke længere, ikke mere, er ikke længere, har ikke længere, har ikke, har den ikke, har ingen
har forladt, er stoppet, stoppet, har sagt op
empty, none, nothing, null, without, without it
no longer, is no longer, no longer has, not any more, not anymore, has no, have no, does not have, doesn't have
has left, left
"""
_MISSPELT = ("slette", "fjerne", "delete", "remove")
_SPLIT = frozenset(("smid", "smide", "visk"))  # "smid hendes fax ud"
_NOT = frozenset(("ikke", "not", "dont", "never", "aldrig"))
_NAMES = frozenset(("Tom", "Blank"))
_JOINING = frozenset((",", "og", "and", "samt", "eller", "or"))
_KEEPING = frozenset(("behold", "beholde", "beholder", "bevar", "bevare", "keep", "keeping", "keeps"))
_PARTING = frozenset((";", "(", ")", "men", "but", "med", "with"))
_BREAK = re.compile(
    "|".join(rf"\b{sign}\b" if sign.isalpha() else re.escape(sign) for sign in sorted(_JOINING | _KEEPING | _PARTING)),
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'’-]+")
_PREPOSITIONS = frozenset(("paa", "hos", "fra", "for", "of", "from", "on", "at"))
_SEEKING = frozenset(
    re.findall(r"\w+", "find finde soeg soege vis vise hvem hvilke hvor hvorfor show search list who which why whose")
)
_SMALL = frozenset(
    re.findall(r"\w+", "hendes hans den det deres sin sit sine ogsaa baade en et her his the their also both a an")
)


@dataclass(frozen=True)
class _Clause:
    text: str
    joins: bool  # only "og", "eller" or a comma stands before it
    asks: bool  # its sentence is a question


def cleared_in(said: str, schema: Schema) -> set[str]:
    """The fields that what was said says to clear: each stands with a word of clearing, in one clause.

    A clause of nothing but fields goes with the one before ("fjern telefon og mail"), or with the one behind where
    that begins with a field ("telefon og mail skal væk"). A clause of clearing without any field ("slet den") is about
    the nearest one before it, or the lines beside it. What is to be kept is not cleared, nor is what is asked about.
    """
    lines = [line for line in said.splitlines() if line.strip()][-_LINES:]
    listed = [_clauses(line, schema) for line in lines]
    found = set[str]()
    for i, clauses in enumerate(listed):
        for k, clause in enumerate(clauses):
            if _says_clear(clause):
                found |= fields_in(clause.text, schema) or _beside(listed, i, k, schema)
    return found | set(PHONES) if found & set(PHONES) else found


def _beside(listed: Sequence[Sequence[_Clause]], i: int, k: int, schema: Schema) -> set[str]:
    before = [fields_in(clause.text, schema) for clause in listed[i][:k]]
    lines = (*listed[max(0, i - 1) : i], *listed[i + 1 : i + 2])
    around = set().union(*(fields_in(clause.text, schema) for clauses in lines for clause in clauses))
    return next((fields for fields in reversed(before) if fields), around)


def _clauses(line: str, schema: Schema) -> list[_Clause]:
    """The clauses of a line, without those of what is to be kept; see ``cleared_in`` for what goes together."""
    parts: list[_Clause] = []
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(line.split()[:_MOST])):
        start, signs, kept = 0, [";"], False
        for end in (*_BREAK.finditer(sentence), None):
            if text := sentence[start : end.start() if end else len(sentence)].strip():
                joins = _JOINING.issuperset(signs)
                kept = bool(_KEEPING.intersection(signs)) or (kept and joins and _is_bare(text, schema))
                parts += [] if kept else [_Clause(text, joins, sentence.endswith("?"))]
                signs = []
            if end:
                start = end.end()
                signs.append(end[0].casefold())
    return _joined(parts, schema)


def _joined(parts: Sequence[_Clause], schema: Schema) -> list[_Clause]:
    """The clauses with those of nothing but fields put to their neighbours."""
    onwards: list[_Clause] = []
    for part in parts:
        before = onwards[-1] if onwards and part.joins and _is_bare(onwards[-1].text, schema) else None
        if before and _begins_with_field(part.text, schema):
            onwards[-1] = replace(part, text=f"{before.text} {part.text}", joins=before.joins)
        else:
            onwards.append(part)
    joined: list[_Clause] = []
    for part in onwards:
        if part.joins and joined and _is_bare(part.text, schema):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {part.text}")
        else:
            joined.append(part)
    return joined


def _is_bare(text: str, schema: Schema) -> bool:
    """Whether fields are all that is named: "hendes mail", "Mettes mail på kontakten"."""
    listed = _WORD.findall(text)
    listed = listed[: next((i for i, word in enumerate(listed) if fold(word) in _PREPOSITIONS), len(listed))]
    named = False
    while listed:
        length = _field_at(listed, schema)
        if not length and not _is_small(listed[0]):
            return False
        named = named or bool(length)
        listed = listed[length or 1 :]
    return named


def _begins_with_field(text: str, schema: Schema) -> bool:
    listed = _WORD.findall(text)
    start = next((i for i, word in enumerate(listed) if not _is_small(word)), len(listed))
    return bool(_field_at(listed[start:], schema))


def _is_small(word: str) -> bool:
    """An article, or whose the field is: "hendes", "Mettes"."""
    return fold(word) in _SMALL or (word[:1].isupper() and word.endswith("s"))


def _field_at(listed: Sequence[str], schema: Schema) -> int:
    """How many words from the first on are a field's name; 0: none."""
    return next((n for n in (2, 1) if len(listed) >= n and schema.called(" ".join(listed[:n]))), 0)


def fields_in(text: str, schema: Schema) -> set[str]:
    """The fields that are named in a text, by any of their names and with Danish endings."""
    listed = re.findall(r"[\w-]+", text)[:_MOST]
    found = (schema.called(words) for words in (*listed, *(" ".join(pair) for pair in pairwise(listed))))
    return {field.name for field in found if field}


def _says_clear(clause: _Clause) -> bool:
    listed = [word for word in re.findall(r"[\w'’]+", clause.text) if fold(word)]
    folds = [fold(word) for word in listed]
    told = clause.asks or bool(_SEEKING.intersection(folds))  # then a state is looked for, or asked about
    for i in range(len(folds)):
        length = _clearing_at(folds, i)
        denied = (length == 1 and listed[i] in _NAMES) or _is_denied(folds, i, i + length)
        if length and not denied and not (told and " ".join(folds[i : i + length]) in _states()):
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
    for key in map(tuple, map(str.split, (*_listed(_DOING), *_states()))):
        found.setdefault(key[0], []).append(key)
    for listed in found.values():
        listed.sort(key=len, reverse=True)
    return found


@cache
def _states() -> frozenset[str]:
    return frozenset(_listed(_STATES))


def _listed(phrases: str) -> list[str]:
    return [" ".join(fold(word) for word in phrase.split()) for phrase in re.split(r"[,\n]", phrases.strip())]
