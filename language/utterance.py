"""Whether a value stands in what somebody said: each kind of value by its own rule."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from itertools import islice, product

from crm.domain import CrmError, clean, folded_words, phone, property_called, same, same_name, spoken, stems, values

_STEM = 4
_LONGEST = 6  # words of a date: "den 3. maj 2026 kl. 14:30"
_MOST = 300  # stretches of a text that are read as a date: a pasted one may be long
_NATIONAL = 8  # digits of a phone number that are told from amounts: fewer are an amount as well
_LONGEST_NUMBER = 17  # digits of a phone number with its international prefix
_LONGEST_ADDRESS = 2_000
_MOST_TRIED = 2_000  # of those that are read as a phone number
_MOST_GROUPS = 8  # of digits that are one amount or identifier
_CURRENCIES = frozenset(("kr", "dkk", "sek", "nok", "eur", "usd", "gbp"))

_ADDRESS = re.compile(r"\w\S*@\S*\w|\w+://\S+|(?:[\w-]+\.)+[^\W\d_]{2,}(?:[/:?#]\S*)?")
_EDGES = "<>()[]{}\"'“”«»,;:!?."
_BETWEEN = re.compile(r"[ \t\u00a0\u202f().\-\u2010\u2011\u2013/]{0,4}")
_EXTENSION = re.compile(r"\s*,?\s*(?:;?ext(?:ension|n)?|lok(?:al\w*)?|x|#)[.:=]?\s*(\d+)", re.IGNORECASE)
# a minus only where it stands before the number, and not between two: 2020-2025
_AMOUNT = re.compile(r"(?<!\d)(?<!\d[.,'’])(?:(?<!\S)[-\u2212+])?\d+(?:[.,'’]\d+)*")


class Utterance:
    """What was said, to be asked whether a value stands in it. Lines are told apart: no value goes over two."""

    def __init__(self, text: str, region: str) -> None:
        lines = [clean(line) for line in text.splitlines()]
        # digits of other scripts are digits
        self.text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in "\n".join(lines))
        self.words = folded_words(self.text)
        self._names = _names(self.text)
        self._region = region
        self._plain = self.text.casefold()

    def holds_text(self, value: str) -> bool:
        """Whether the words stand one after the other, with Danish endings, and each address in them whole."""
        addresses = addresses_in(value)
        if not all(self.holds_address(address) for address in addresses):
            return False
        heard = folded_words(value)
        if not heard:
            return value.strip() in self.text
        return [value.strip().strip(_EDGES)] == addresses or spoken(heard, self.words, same)

    def holds_name(self, value: str) -> bool:
        """Whether the name stands there as it is, or in the genitive: ``Hansens``; Hans is not Hansen."""
        heard = folded_words(value)
        return bool(heard) and spoken(heard, self._names, same_name)

    def holds_address(self, value: str) -> bool:
        """Whether an email address, a domain or a URL stands there whole; case, scheme and a last slash aside."""
        bare = re.sub(r"^https?://", "", unicodedata.normalize("NFC", value).casefold()).rstrip("/")
        before = r"(?<![\w.+%&~^$#-])" if "@" in bare else r"(?:(?<=http://)|(?<=https://)|(?<![\w.@+/-]))"
        after = r"(?![\w@-])(?![./?#:&=%+~]+\w)"
        return bool(bare) and re.search(f"{before}{re.escape(bare)}{after}", self._plain) is not None

    def holds_phone(self, stored: str) -> bool:
        """Whether a stretch, in any groups, is read as the stored number in the region."""
        number, _, extension = stored.partition(" ext. ")
        for run in _runs(self.text):
            for start, end in _stretches(run, number[-_STEM:]):
                begin = _begin(self.text, run[start].start())
                if start and self._is_international(run) and not self._is_number(run, start - 1):
                    continue  # the rest of a number of another country: +46 22 33 44 55
                if self._phone(self.text[begin : run[end].end()]) != number:
                    continue
                behind = _EXTENSION.match(self.text, run[end].end())
                if not extension or (behind and behind[1] == extension):
                    return True
        return False

    def _is_international(self, run: list[re.Match[str]]) -> bool:
        begin = _begin(self.text, run[0].start())
        return "+" in self.text[begin : run[0].start()] or run[0][0].startswith("00")

    def _is_number(self, run: list[re.Match[str]], last: int) -> bool:
        """Whether the run up to this group is a number by itself, so that another can follow."""
        return self._phone(self.text[_begin(self.text, run[0].start()) : run[last].end()]) is not None

    def _phone(self, text: str) -> str | None:
        try:
            return phone(text, self._region)
        except CrmError:
            return None

    def holds_amount(self, stored: str) -> bool:
        """Whether a whole number is read as this one: neither a part of it, nor without its million."""
        number = self._number(stored)
        amounts = (text for text, span in _amounts(self.text) if not self._is_in_phone(*span))
        return any(text == stored or (number and self._number(text) == number) for text in amounts)

    def _is_in_phone(self, start: int, end: int) -> bool:
        """Whether these signs are a part of a phone number in groups, and not all of it: no amount of their own."""
        return any(s <= start and end <= e and (s, e) != (start, end) for s, e in self._phones)

    @cached_property
    def _phones(self) -> list[tuple[int, int]]:
        """Where phone numbers in groups stand, each from its first digit to its last."""
        tried = islice(_long_stretches(self.text), _MOST_TRIED)
        found = (span for span in tried if self._phone(self.text[_begin(self.text, span[0]) : span[1]]))
        return list(islice(found, _MOST))

    def holds_digits(self, value: str) -> bool:
        """Whether the digits of an identifier stand there as a whole run, in other groups: ``12 34 56 78``."""
        digits = re.sub(r"\D", "", value)
        several = (run for run in _runs(self.text) if len(run) > 1)
        return len(digits) >= _STEM and any(digits == "".join(group[0] for group in run) for run in several)

    def _number(self, text: str) -> str | None:
        try:
            return values.number("", text, self._region)
        except CrmError:
            return None

    def holds_moment(self, read: Callable[[str], str], stored: str) -> bool:
        """Whether a stretch of a few words is read as the stored date or moment."""
        for text in self._dates():
            with suppress(CrmError):
                if read(text) == stored:
                    return True
        return False

    def _dates(self) -> Iterator[str]:
        listed, found = self.text.split(), 0
        for start in range(len(listed)):
            for end in range(start + 1, min(start + _LONGEST, len(listed)) + 1):
                text = " ".join(listed[start:end]).strip(" .,;:!?()\"'»«“”")
                # a year, or a day by its word: "i morgen"
                if text and re.search(r"\d{4}|\d\d$|^\D{4,12}$", text) and found < _MOST:
                    found += 1
                    yield text


def _names(text: str) -> list[str]:
    """The words of a text, without a "hans" or "per" that is no name: "hans stilling", "per telefon"."""
    return folded_words(
        re.sub(r"\b(?:hans|per) (?=(\w+))", lambda small: "" if _is_field(small[1]) else small[0], text)
    )


def _is_field(word: str) -> bool:
    return any(property_called(stem) for stem in (word, *stems(word)))


def addresses_in(value: str) -> list[str]:
    """The email addresses, domains and URLs among the words of a value."""
    parts = (part.strip(_EDGES) for part in value.split())
    return [part for part in parts if len(part) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(part)]


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """The groups of digits that only signs of grouping stand between; a plus begins anew."""
    run: list[re.Match[str]] = []
    for group in re.finditer(r"\d+", text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), group.start()):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def _begin(text: str, start: int) -> int:
    """Where a number begins whose first digit stands at ``start``: before its plus and bracket."""
    lead = re.search(r"\(?\+[ \u00a0]?\(?$|\($", text[max(0, start - 4) : start])
    return start - len(lead[0]) if lead else start


def _long_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where several groups of digits are as long as a phone number, last ones first."""
    for run in reversed(list(_runs(text))):
        for first, size in product(range(len(run)), range(3, _MOST_GROUPS + 1)):
            groups = run[first : first + size]
            if len(groups) == size and _NATIONAL <= sum(len(group[0]) for group in groups) <= _LONGEST_NUMBER:
                yield groups[0].start(), groups[-1].end()


def _stretches(run: list[re.Match[str]], tail: str) -> Iterator[tuple[int, int]]:
    """The first and last groups of stretches that end in these digits and are no longer than a phone number."""
    for end in range(len(run)):
        digits = ""
        for start in range(end, -1, -1):
            digits = run[start][0] + digits
            if len(digits) > _LONGEST_NUMBER:
                break
            if digits.endswith(tail):
                yield start, end


def _amounts(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every number as a whole, with the word that multiplies it, and where: ``1 234 567``, ``2,5 mio``."""
    run: list[re.Match[str]] = []
    for found in [m for m in _AMOUNT.finditer(text) if not _glued(text, m.start())]:
        if run and text[run[-1].end() : found.start()] not in (" ", "\u00a0", "\u202f"):
            yield from _whole(text, run)
            run = []
        run.append(found)
    if run:
        yield from _whole(text, run)


def _whole(text: str, run: list[re.Match[str]]) -> Iterator[tuple[str, tuple[int, int]]]:
    units: list[list[re.Match[str]]] = []
    for found in run:
        thousands = re.fullmatch(r"\d{3}(?:[.,]\d+)?", found[0])
        if units and thousands and re.fullmatch(r"[-\u2212+]?\d{1,3}", units[-1][-1][0]):
            units[-1].append(found)
        else:
            units.append([found])
    for unit in [*units, run] if len(units) > 1 and len(run) <= _MOST_GROUPS else units:
        start, end = unit[0].start(), unit[-1].end()
        factor = re.compile(r"\s?([^\W\d_]+)").match(text, end)
        whole = factor.end() if factor and factor[1].casefold() in values.FACTORS else end
        yield text[start:whole], (start, end)


def _glued(text: str, start: int) -> bool:
    """Whether a number is the end of a word, ``A4``, and not of ``kr5000``."""
    word = re.search(r"[^\W\d]+$", text[max(0, start - 8) : start])
    return word is not None and word[0].casefold() not in _CURRENCIES
