"""Whom to look at before a contact is created: filter groups for one search of HubSpot's.

HubSpot takes 5 groups, answers with 200 contacts at most and the oldest first (documented). A group as wide as
``m* h*`` finds every slip of the keyboard, and in a portal of 100,000 contacts pushes the person out who is meant.
So a group carries letters worth so many bits, by how common they are, or else a whole name in all its spellings:
few where the portal is small (``WIDE``), more where a search has brought more than fits (``NARROW``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crm.domain import key, safe_part, variants, words, written
from crm.hubspot import MOST_GROUPS, NUMBERS, Filter, Group, one_of, phone_groups, token, unset
from crm.matching.features import LEGAL, local_names

LONGEST = 100  # letters of a name that are searched for: a search's body must stay short
WIDE, NARROW = 7.0, 11.0  # bits: one contact in 100, in 2,000
WHOLE = 6.0  # a whole first or last name, in whatever spelling
_FIRST_LETTER, _LETTER, _LAST_LETTER = 3.5, 2.5, 2.0
_ENDINGS = {"sen": 1.0, "rd": 1.5, "gaard": 3.0, "gård": 3.0, "mann": 3.0, "sson": 3.0}  # half of Denmark is a -sen


def groups(values: Mapping[str, str], region: str, bits: float = WIDE) -> list[Group]:
    """Filter groups for the contacts that may be the person with these checked values; best first, 5 at most."""
    found = phone_groups([values[p] for p in NUMBERS if values.get(p)], region)
    first, last, company = (values.get(p, "")[:LONGEST] for p in ("firstname", "lastname", "company"))
    if not first and not last:
        given, family = local_names(values.get("email", ""))
        first, last = " ".join(given), " ".join(family)
    elif not last or not first:
        parts = written(first or last)
        if len(parts) > 1:
            first, last = " ".join(parts[:-1]), parts[-1]
    named = _whole_name(first, last, company, bits) if first and last else _half_name(first, last, company)
    for group in named:
        if group not in found:
            found.append(group)
    return found[:MOST_GROUPS]


def _whole_name(first: str, last: str, company: str, bits: float) -> Iterator[Group]:
    a, b = written(first), written(last)
    if not a or not b:
        return
    one, other = Word("firstname", first, a[0]), Word("lastname", last, b[-1])
    yield from _halves(one, other, bits)
    yield [_beginning("firstname", b[0]), _beginning("lastname", a[-1])]  # swapped
    yield [_all("firstname", a[0]), unset("lastname")]  # the first name alone, or all of it in one field
    if len(b) > 1:  # Holm Hansen, who is also called Holm
        yield [one.spelled(), _all("lastname", b[0])]
    if word := _company_word(company):
        yield [other.spelled(), token("company", word)]
    initial = a[0][0]  # somebody wrote only that
    yield [one_of("firstname", [*variants(first), *variants(a[0]), initial, f"{initial}."]), other.spelled()]
    yield [unset("firstname"), _all("lastname", b[-1])]


def _all(name: str, word: str) -> Filter:
    """The word among others, in any spelling; alone, where no three letters of it are the same in all of them."""
    part = safe_part(word)
    return token(name, part) if len(part.strip("*")) >= min(len(word), 3) else one_of(name, variants(word))


def _beginning(name: str, word: str) -> Filter:
    """The first half of the word, or more of it where that has other spellings."""
    half = max((len(word) + 1) // 2, 3)
    part = safe_part(word, 0, half)
    return token(name, part) if len(part.strip("*")) >= min(half, 3) else _all(name, word)


def _half_name(first: str, last: str, company: str) -> Iterator[Group]:
    name, other, text = ("firstname", "lastname", first) if first else ("lastname", "firstname", last)
    parts = written(text)
    if not parts:
        return
    spelled = one_of(name, variants(text))
    yield [spelled, unset(other)]
    yield [one_of(other, variants(text)), unset(name)]
    if word := _company_word(company):
        yield [_all(name, parts[0]), token("company", word)]
    else:
        yield [spelled]


def _company_word(company: str) -> str:
    """The word of a company's name that tells most: the longest, in a part that no spelling touches."""
    found = [word for word in written(company.replace("/", "")) if key(word) not in LEGAL and words(word)]
    longest = max(found, key=len, default="")
    return safe_part(longest) or longest


@dataclass(frozen=True)
class Word:
    """A first or last name that is searched for: its property, all of it, and its telling word as written."""

    name: str
    text: str
    word: str

    def spelled(self) -> Filter:
        """All of the name, in any spelling."""
        return one_of(self.name, [*variants(self.text), *variants(self.word)])

    def end(self, length: int) -> str:
        """A pattern for so many letters of the end; an initial begins any name, and a short word is taken whole."""
        if len(self.word) == 1:
            return f"{self.word}*"
        part = safe_part(self.word, len(self.word) - length)
        return part if len(self.word) == 2 or not part or part[0] == "*" else f"*{part}"

    def start(self, length: int) -> str:
        """A pattern for so many letters of the beginning."""
        part = safe_part(self.word, 0, length)
        return part if not part or part[-1] == "*" else f"{part}*"


def _halves(one: Word, other: Word, enough: float) -> Iterator[Group]:
    """By the beginnings of both names, and by their ends: one slip of the keyboard spoils only one of the two.

    The ends are longer where they are common. A letter between the two halves is left out of both, since a
    slip that swaps two letters would spoil both.
    """
    pair = (one, other)
    sizes = [len(w.word) for w in pair]
    ends = [2 if size == 3 else max(size // 2, 1) for size in sizes]
    _extend(ends, [size - 1 for size in sizes], lambda i: _bits(pair[i].end(ends[i])), enough)
    # of three letters a slip leaves two: Tot, who is called Toft
    least = [2 if size == 3 else 1 for size in sizes]
    starts = [max(size - end - 1, few) for size, end, few in zip(sizes, ends, least, strict=True)]
    _extend(starts, sizes, lambda i: _bits(pair[i].start(starts[i])), enough)
    yield _settled(pair, [w.start(length) for w, length in zip(pair, starts, strict=True)], enough)
    yield _settled(pair, [w.end(length) for w, length in zip(pair, ends, strict=True)], enough)


def _extend(lengths: list[int], most: list[int], bits: Callable[[int], float], enough: float) -> None:
    for i in (1, 0):
        while bits(0) + bits(1) < enough and lengths[i] < most[i]:
            lengths[i] += 1


def _settled(pair: tuple[Word, Word], patterns: list[str], enough: float) -> Group:
    """The patterns as filters; all of a name, in any spelling, instead of one that says too little."""
    bits = [_bits(pattern) for pattern in patterns]
    filters = [token(word.name, pattern) for word, pattern in zip(pair, patterns, strict=True)]
    for i in sorted((0, 1), key=lambda i: bits[i]):
        if sum(bits) < enough or not patterns[i]:
            bits[i], filters[i] = WHOLE, pair[i].spelled()
    return filters


def _bits(pattern: str) -> float:
    """What a pattern tells, from how common its letters are; what all of a name tells, for none."""
    if not pattern:
        return WHOLE
    part = pattern.strip("*")
    if not pattern.startswith("*"):
        return _FIRST_LETTER + _LETTER * (len(part) - 1)
    if pattern.endswith("*"):
        return _LAST_LETTER * max(len(part) - 1, 0)
    common = next((ending for ending in _ENDINGS if part.endswith(ending)), "")
    return _ENDINGS.get(common, 0.0) + _LAST_LETTER * (len(part) - len(common))
