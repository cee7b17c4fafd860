"""Blocking: the filter groups of the one search that finds the contacts with which a new one is compared.

HubSpot takes 5 groups and answers with at most 200 contacts, the oldest first (documented). A group as wide as
``m* h*`` finds every typing error, but in a portal of 100,000 contacts its results push out the person who is meant.
So the patterns of a group must carry enough information, measured in bits by how common their letters are: few bits
in a small portal (``WIDE``), more where a search has found more contacts than fit (``NARROW``). A pattern that carries
too little is replaced by the whole name in all its spellings.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crm.domain import LEGAL_FORMS, key, safe_part, variants, words, written
from crm.hubspot import MOST_GROUPS, NUMBERS, Filter, Group, one_of, phone_groups, token, unset
from crm.matching.features import local_names

LONGEST = 100  # letters of a name that are used: HubSpot limits the size of a search
WIDE, NARROW = 7.0, 11.0  # bits: one contact in 100, in 2,000
WHOLE = 6.0  # bits of a whole first or last name in any spelling
_FIRST_LETTER, _LETTER, _LAST_LETTER = 3.5, 2.5, 2.0
_ENDINGS = {"sen": 1.0, "rd": 1.5, "gaard": 3.0, "gård": 3.0, "mann": 3.0, "sson": 3.0}  # half of Denmark is a -sen


def groups(values: Mapping[str, str], region: str, bits: float = WIDE) -> list[Group]:
    """At most 5 filter groups, the best first, for contacts that may be the person with these validated values."""
    found = phone_groups([values[p] for p in NUMBERS if values.get(p)], region)
    first, last = _names(values)
    company = values.get("company", "")[:LONGEST]
    named = _full_name(first, last, company, bits) if first and last else _one_name(first, last, company)
    for group in named:
        if group not in found:
            found.append(group)
    return found[:MOST_GROUPS]


def _names(values: Mapping[str, str]) -> tuple[str, str]:
    """The first and the last name; read from the email where both are missing, split where one field holds both."""
    first, last = values.get("firstname", "")[:LONGEST], values.get("lastname", "")[:LONGEST]
    if first and last:
        return first, last
    if not first and not last:
        given, family = local_names(values.get("email", ""))
        return " ".join(given), " ".join(family)
    parts = written(first or last)
    return (" ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else (first, last)


def _full_name(first: str, last: str, company: str, bits: float) -> Iterator[Group]:
    a, b = written(first), written(last)
    if not a or not b:
        return
    one, other = Word("firstname", first, a[0]), Word("lastname", last, b[-1])
    yield from _halves(one, other, bits)
    yield [_beginning("firstname", b[0]), _beginning("lastname", a[-1])]  # swapped
    yield [_all("firstname", a[0]), unset("lastname")]  # the first name alone, or all of it in one field
    if len(b) > 1:  # Holm Hansen may also be called Holm
        yield [one.spelled(), _all("lastname", b[0])]
    if word := _company_word(company):
        yield [other.spelled(), token("company", word)]
    initial = a[0][0]
    yield [one_of("firstname", [*variants(first), *variants(a[0]), initial, f"{initial}."]), other.spelled()]
    yield [unset("firstname"), _all("lastname", b[-1])]


def _all(name: str, word: str) -> Filter:
    """The word in any spelling, among other words of the property.

    A word with less than three letters that are the same in all spellings must be the whole value.
    """
    part = safe_part(word)
    return token(name, part) if len(part.strip("*")) >= min(len(word), 3) else one_of(name, variants(word))


def _beginning(name: str, word: str) -> Filter:
    """A word with the same first half; with all of the word where its first half has several spellings."""
    half = max((len(word) + 1) // 2, 3)
    part = safe_part(word, 0, half)
    return token(name, part) if len(part.strip("*")) >= min(half, 3) else _all(name, word)


def _one_name(first: str, last: str, company: str) -> Iterator[Group]:
    """The groups where only the first or only the last name is known."""
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
    """The longest word of a company's name, or the part of it that is the same in all spellings."""
    found = [word for word in written(company.replace("/", "")) if key(word) not in LEGAL_FORMS and words(word)]
    longest = max(found, key=len, default="")
    return safe_part(longest) or longest


@dataclass(frozen=True)
class Word:
    """A first or last name that is searched for: its property, the whole text, and its most specific word."""

    name: str
    text: str
    word: str

    def spelled(self) -> Filter:
        """The whole name or its most specific word, in any spelling."""
        return one_of(self.name, [*variants(self.text), *variants(self.word)])

    def end(self, length: int) -> str:
        """A pattern for the last ``length`` letters, or for the whole of a word of one or two letters."""
        if len(self.word) == 1:
            return f"{self.word}*"
        part = safe_part(self.word, len(self.word) - length)
        return part if len(self.word) == 2 or not part or part[0] == "*" else f"*{part}"

    def start(self, length: int) -> str:
        """A pattern for the first ``length`` letters."""
        part = safe_part(self.word, 0, length)
        return part if not part or part[-1] == "*" else f"{part}*"


def _halves(one: Word, other: Word, enough: float) -> Iterator[Group]:
    """A group by the beginnings of both names, and one by their ends: a typing error breaks only one of the two.

    Common ends are made longer. One letter between the two halves is left out of both, as two swapped letters there
    would break both.
    """
    pair = (one, other)
    sizes = [len(w.word) for w in pair]
    ends = [2 if size == 3 else max(size // 2, 1) for size in sizes]
    _extend(ends, [size - 1 for size in sizes], lambda i: _bits(pair[i].end(ends[i])), enough)
    # a typing error leaves two of three letters: Tot for Toft
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
    """The patterns as filters; as long as they carry too few bits, whole names in any spelling replace them."""
    bits = [_bits(pattern) for pattern in patterns]
    filters = [token(word.name, pattern) for word, pattern in zip(pair, patterns, strict=True)]
    for i in sorted((0, 1), key=lambda i: bits[i]):
        if sum(bits) < enough or not patterns[i]:
            bits[i], filters[i] = WHOLE, pair[i].spelled()
    return filters


def _bits(pattern: str) -> float:
    """The information in a pattern, by how common its letters are; an empty one stands for the whole name."""
    if not pattern:
        return WHOLE
    part = pattern.strip("*")
    if not pattern.startswith("*"):
        return _FIRST_LETTER + _LETTER * (len(part) - 1)
    if pattern.endswith("*"):
        return _LAST_LETTER * max(len(part) - 1, 0)
    common = next((ending for ending in _ENDINGS if part.endswith(ending)), "")
    return _ENDINGS.get(common, 0.0) + _LAST_LETTER * (len(part) - len(common))
