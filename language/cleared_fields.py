"""Which fields somebody asked to clear: the name of a field and a clearing word in the same clause."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from rapidfuzz.distance import OSA

from crm.domain import PHONES, Schema, fold

# limits, as a pasted text may be long
_LINES = 20
_MOST = 300  # words
_LONGEST = 14  # letters of a word that is compared with misspelt ones
_WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True)
class _Clause:
    text: str
    bare: bool  # it names nothing but fields
    joins: bool  # only "og", "eller" or a comma separates it from the clause before
    asks: bool  # its sentence is a question
    wonders: bool  # its sentence is a question that asks for nothing to be done: "har du slettet den?"


def cleared_in(said: str, schema: Schema) -> set[str]:
    """The fields that the text asks to clear: each is named in the same clause as a clearing word.

    A clause of nothing but fields belongs to the clause before it ("fjern telefon og mail"), or to the next one if that
    begins with a field ("telefon og mail skal væk"). A clearing clause without a field ("slet den") is about the
    nearest fields before it, or about those in the neighbouring lines. A field is not cleared by a clause that keeps
    it, searches for it, asks about it or makes a condition, nor where only a part of its value is removed.
    """
    listed = [_clauses(line, schema) for line in _last_lines(said)]
    found = set[str]()
    for i, clauses in enumerate(listed):
        for k, clause in enumerate(clauses):
            if _says_clear(clause, schema):
                named = fields_in(clause.text, schema)
                whole = re.split(r"\b(?:fra|from)\b", clause.text)[0]  # "fjern +45 fra telefonen": a part of it
                found |= fields_in(whole, schema) if named else _beside(listed, i, k, schema)
    return found | set(PHONES) if found & set(PHONES) else found


def _last_lines(said: str) -> list[str]:
    lines: list[str] = []
    room = _MOST
    for line in reversed(said.splitlines()):
        if listed := line.split()[:room]:
            lines.insert(0, " ".join(listed))
            room -= len(listed)
        if not room or len(lines) == _LINES:
            break
    return lines


def _beside(listed: Sequence[Sequence[_Clause]], i: int, k: int, schema: Schema) -> set[str]:
    before = [fields_in(clause.text, schema) for clause in listed[i][:k]]
    lines = (*listed[max(0, i - 1) : i], *listed[i + 1 : i + 2])
    around = set().union(*(fields_in(clause.text, schema) for clauses in lines for clause in clauses))
    return next((fields for fields in reversed(before) if fields), around)


def _clauses(line: str, schema: Schema) -> list[_Clause]:
    """The clauses of a line without those that keep a field; ``cleared_in`` says which of them go together."""
    parts: list[_Clause] = []
    for sentence in re.split(r"(?<=[.!?])\s+", line):
        start, signs, kept = 0, [";"], False
        asks = sentence.endswith("?")
        wonders = asks and fold(sentence.split()[0]) in _any("wondering")
        for end in (*_break().finditer(sentence), None):
            if text := sentence[start : end.start() if end else len(sentence)].strip():
                joins = set(signs) <= set(_data()["joining"])
                bare = _is_bare(text, schema)
                kept = bool(set(signs) & set(_data()["keeping"])) or (kept and joins and bare)
                parts += [] if kept else [_Clause(text, bare, joins, asks, wonders)]
                signs = []
            if end:
                start = end.end()
                signs.append(end[0].casefold())
    return _joined(parts, schema)


def _joined(parts: Sequence[_Clause], schema: Schema) -> list[_Clause]:
    """The clauses, with each clause of nothing but fields joined to its neighbour."""
    onwards: list[_Clause] = []
    for part in parts:
        before = onwards[-1] if onwards and part.joins and onwards[-1].bare else None
        if before and _begins_with_field(part.text, schema):
            onwards[-1] = replace(part, text=f"{before.text} {part.text}", joins=before.joins)
        else:
            onwards.append(part)
    joined: list[_Clause] = []
    for part in onwards:
        if part.joins and joined and part.bare:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {part.text}")
        else:
            joined.append(part)
    return joined


def _is_bare(text: str, schema: Schema) -> bool:
    """Whether the text names nothing but fields: "hendes mail", "Mettes mail på kontakten"."""
    listed = _WORD.findall(text)
    listed = listed[: next((i for i, word in enumerate(listed) if fold(word) in _any("prepositions")), len(listed))]
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
    """Whether the word is an article or says whose field it is: "hendes", "Mettes"."""
    return fold(word) in _any("small") or (word[:1].isupper() and word.endswith("s"))


def _field_at(listed: Sequence[str], schema: Schema) -> int:
    """How many of the first words are the name of a field; 0 where none is."""
    return next((n for n in (2, 1) if len(listed) >= n and schema.called(" ".join(listed[:n]))), 0)


def fields_in(text: str, schema: Schema) -> set[str]:
    """The fields that a text names, by any of their names and with Danish endings."""
    listed = re.findall(r"[\w-]+", text)[:_MOST]
    found = (schema.called(words) for words in (*listed, *(" ".join(pair) for pair in pairwise(listed))))
    return {field.name for field in found if field}


def _says_clear(clause: _Clause, schema: Schema) -> bool:
    listed = [word for word in re.findall(r"[\w'’]+", clause.text) if fold(word)]
    folds = [fold(word) for word in listed]
    if _any("no_order").intersection(folds):  # looked for, asked about, or a condition
        return False
    for i in range(len(folds)):
        end = i + _clearing_at(folds, i)
        if end == i or (end == i + 1 and listed[i] in _data()["names"]) or _is_denied(folds, i, end):
            continue
        if " ".join(folds[i:end]) in _states():
            if not clause.asks and _stands(listed[end:], schema):
                return True
        elif not clause.wonders:
            return True
    return False


def _stands(behind: Sequence[str], schema: Schema) -> bool:
    """Whether a word of state is about a field: a field or nothing stands behind it, and no name ("tom jensen")."""
    rest = [word for word in behind if fold(word) not in _any("small") | _any("filling")]
    return not rest or fold(rest[0]) in _any("prepositions") or bool(_field_at(rest, schema))


def _clearing_at(folds: Sequence[str], i: int) -> int:
    """How many words from ``i`` on are a clearing phrase; 0 where none is."""
    for phrase in _phrases().get(folds[i], ()):
        if tuple(folds[i : i + len(phrase)]) == phrase:
            return len(phrase)
    if folds[i] in _any("split") and "ud" in folds[i:]:
        return 1
    near = 5 <= len(folds[i]) <= _LONGEST and any(OSA.distance(folds[i], word) <= 1 for word in _any("misspelt"))
    return 1 if near else 0


def _is_denied(folds: Sequence[str], start: int, end: int) -> bool:
    """Whether clearing is refused: "slet ikke", "jeg vil ikke have den slettet"; not so "kan du ikke slette den"."""
    said, behind = ([word for word in part if word not in _any("courtesy")] for part in (folds[:end], folds[end:]))
    upto = " ".join((*said, *behind[:1]))
    if any(f" {words} " in f" {upto} " for words in _any("sparing")):
        return True
    if _any("not") & set(folds[start:end]):
        return False
    denied = {word for word, ahead in zip(folds[:start], ("", *folds), strict=False) if ahead not in ("du", "you")}
    return bool(_any("not") & {*denied, *folds[end : end + 1]})


def keeping() -> frozenset[str]:
    """The folded words behind which a field is kept: "men behold stillingen", "ikke mailen"."""
    return _any("keeping") | _any("not")


def clearing_words() -> dict[str, list[str]]:
    """The clearing words of a grammar: the verbs ``delete`` and ``clear``, and ``former`` ("hun har ikke længere")."""
    words = _data()
    return {"delete": words["delete"], "clear": [*words["clear"], *words["empty"]], "former": words["former"]}


@cache
def _data() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("cleared_fields.toml").read_text("utf-8"))


@cache
def _any(kind: str) -> frozenset[str]:
    """The words or phrases of a kind, folded."""
    return frozenset(" ".join(fold(word) for word in phrase.split()) for phrase in _data()[kind])


@cache
def _states() -> frozenset[str]:
    return _any("states") | _any("empty") | _any("former")


@cache
def _break() -> re.Pattern[str]:
    signs = [re.escape(sign) for kind in ("joining", "parting", "keeping") for sign in _data()[kind]]
    words = [rf"\b{sign}\b" if sign[0].isalpha() else sign for sign in signs]
    return re.compile(rf"(?!med (?:at|det samme|øjeblikkelig)\b)(?:{'|'.join(words)})", re.IGNORECASE)


@cache
def _phrases() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    commands = _any("delete") | _any("clear") | _any("doing")
    for key in map(tuple, map(str.split, commands | _states())):
        found.setdefault(key[0], []).append(key)
    for listed in found.values():
        listed.sort(key=len, reverse=True)
    return found
