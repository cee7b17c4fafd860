"""Finds numbers in a text: groups of digits, amounts, and every stretch that may be read as a phone number.

Unlike ``language.tokens.phones``, which gives the likeliest reading, these give all readings: whether a value was said
must not depend on where one number was thought to end.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from crm.domain import values

LONGEST_PHONE = 17  # digits of a phone number with its international prefix
_SHORTEST_PHONE = 8  # digits of one that is told from amounts: a shorter one is an amount as well
_MOST_GROUPS = 8  # of digits that are one amount or identifier
_CURRENCIES = frozenset(("kr", "dkk", "sek", "nok", "eur", "usd", "gbp"))

_BETWEEN = re.compile(r"[ \t\u00a0\u202f().\-\u2010\u2011\u2013/]{0,4}")
_SPACES = (" ", "\u00a0", "\u202f")
_EXTENSION = re.compile(r"\s*,?\s*(?:;?ext(?:ension|n)?|lok(?:al\w*)?|x|#)[.:=]?\s*(\d+)", re.IGNORECASE)
# a minus counts only before the number, and not between two: 2020-2025
_AMOUNT = re.compile(r"(?<!\d)(?<!\d[.,'’])(?:(?<!\S)[-\u2212+])?\d+(?:[.,'’]\d+)*")
_THOUSANDS = re.compile(r"\d{3}(?:[.,]\d+)?")
_LEADING_GROUP = re.compile(r"[-\u2212+]?\d{1,3}")
_WORD = re.compile(r"\s?([^\W\d_]+)")

Groups = list[re.Match[str]]


@dataclass(frozen=True)
class Amount:
    """A whole number with the word that multiplies it: ``2,5 mio``. ``start`` and ``end``: the place of its digits."""

    text: str
    start: int
    end: int


def digit_runs(text: str) -> Iterator[Groups]:
    """The runs of groups of digits with only grouping signs between them; a plus begins a new run."""
    run: Groups = []
    for group in re.finditer(r"\d+", text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), group.start()):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def number_start(text: str, digit: int) -> int:
    """Where the number begins whose first digit stands at ``digit``: before its plus and its bracket."""
    lead = re.search(r"\(?\+[ \u00a0]?\(?$|\($", text[max(0, digit - 4) : digit])
    return digit - len(lead[0]) if lead else digit


def extension(text: str, end: int) -> str | None:
    """The digits of the extension that follows a phone number which ends at ``end``."""
    found = _EXTENSION.match(text, end)
    return found[1] if found else None


def stretches_ending_in(run: Groups, tail: str) -> Iterator[tuple[int, int]]:
    """The first and last group of the stretches that end in these digits and are not longer than a phone number."""
    for end in range(len(run)):
        digits = ""
        for start in range(end, -1, -1):
            digits = run[start][0] + digits
            if len(digits) > LONGEST_PHONE:
                break
            if digits.endswith(tail):
                yield start, end


def grouped_phones(text: str) -> Iterator[tuple[int, int]]:
    """The places of the stretches of three or more groups that are as long as a phone number, the last ones first."""
    for run in reversed(list(digit_runs(text))):
        for first, size in product(range(len(run)), range(3, _MOST_GROUPS + 1)):
            groups = run[first : first + size]
            digits = sum(len(group[0]) for group in groups)
            if len(groups) == size and _SHORTEST_PHONE <= digits <= LONGEST_PHONE:
                yield groups[0].start(), groups[-1].end()


def amounts(text: str) -> Iterator[Amount]:
    """The numbers of a text, each as a whole: ``1 234 567``, ``1.234,50``, ``2,5 mio``.

    Several numbers with spaces between them are also given as one: people group digits as they like.
    """
    numbers = [match for match in _AMOUNT.finditer(text) if not _ends_a_word(text, match.start())]
    for run in _joined(numbers, lambda one, other: text[one.end() : other.start()] in _SPACES):
        units = list(_joined(run, _is_grouped))
        together = [run] if len(units) > 1 and len(run) <= _MOST_GROUPS else []
        for unit in [*units, *together]:
            start, end = unit[0].start(), unit[-1].end()
            factor = _WORD.match(text, end)
            whole = factor.end() if factor and factor[1].casefold() in values.FACTORS else end
            yield Amount(text[start:whole], start, end)


def _joined(numbers: Groups, belongs: Callable[[re.Match[str], re.Match[str]], bool]) -> Iterator[Groups]:
    """The numbers in runs of those that belong to the one before."""
    run: Groups = []
    for number in numbers:
        if run and not belongs(run[-1], number):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _is_grouped(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether the second number is the next group of thousands of the first."""
    return bool(_THOUSANDS.fullmatch(other[0])) and bool(_LEADING_GROUP.fullmatch(one[0]))


def _ends_a_word(text: str, start: int) -> bool:
    """Whether a number is the end of a word (``A4``); one behind a currency (``kr5000``) is not."""
    word = re.search(r"[^\W\d]+$", text[max(0, start - 8) : start])
    return word is not None and word[0].casefold() not in _CURRENCIES
