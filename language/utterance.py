"""Whether a value stands in what somebody said: each kind of value by its own rule."""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from itertools import islice

from crm.domain import CrmError, clean, folded_words, phone, property_called, same, same_name, spoken, stems, values
from language.numbers import (
    Amount,
    Groups,
    amounts,
    digit_runs,
    extension,
    grouped_phones,
    number_start,
    stretches_ending_in,
)
from language.tokens import addresses, dates

_SHORTEST = 4  # digits by which a phone number or an identifier is looked for
# a pasted text may be long
_MOST = 300  # stretches that are read as a date, and phone numbers that are kept apart from amounts
_MOST_TRIED = 2_000  # stretches that are read as a phone number
_EDGES = "<>()[]{}\"'“”«»,;:!?."


class Utterance:
    """What was said, to be asked whether a value stands in it. No value stands in two lines together."""

    def __init__(self, text: str, region: str) -> None:
        lines = [clean(line) for line in text.splitlines()]
        # digits of other scripts are digits
        self.text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in "\n".join(lines))
        self.words = folded_words(self.text)
        self._names = _names(self.text)
        self._region = region
        self._plain = self.text.casefold()

    def holds_text(self, value: str) -> bool:
        """Whether the words of the value stand one after the other, perhaps with Danish endings.

        Each address among them must stand in the text as a whole.
        """
        found = [token.text for token in addresses(value) if token.kind != "domain"]
        if not all(self.holds_address(address) for address in found):
            return False
        words = folded_words(value)
        if not words:
            return value.strip() in self.text
        return [value.strip().strip(_EDGES)] == found or spoken(words, self.words, same)

    def holds_name(self, value: str) -> bool:
        """Whether the name stands there, perhaps in the genitive: ``Hansens`` is Hansen, but not Hans."""
        words = folded_words(value)
        return bool(words) and spoken(words, self._names, same_name)

    def holds_address(self, value: str) -> bool:
        """Whether an email address, a domain or a URL stands there as a whole; case, scheme and last slash aside."""
        bare = re.sub(r"^https?://", "", unicodedata.normalize("NFC", value).casefold()).rstrip("/")
        before = r"(?<![\w.+%&~^$#-])" if "@" in bare else r"(?:(?<=http://)|(?<=https://)|(?<![\w.@+/-]))"
        after = r"(?![\w@-])(?![./?#:&=%+~]+\w)"
        return bool(bare) and re.search(f"{before}{re.escape(bare)}{after}", self._plain) is not None

    def holds_phone(self, stored: str) -> bool:
        """Whether a stretch of the text, in any groups, is read in the region as the stored number."""
        number, _, wanted_extension = stored.partition(" ext. ")
        for run in digit_runs(self.text):
            for first, last in stretches_ending_in(run, number[-_SHORTEST:]):
                if first and self._is_international(run) and not self._is_number(run, first - 1):
                    continue  # the rest of a number of another country: +46 22 33 44 55
                start, end = number_start(self.text, run[first].start()), run[last].end()
                said_extension = extension(self.text, end) if wanted_extension else ""
                if self._phone(self.text[start:end]) == number and said_extension == wanted_extension:
                    return True
        return False

    def _is_international(self, run: Groups) -> bool:
        begin = number_start(self.text, run[0].start())
        return "+" in self.text[begin : run[0].start()] or run[0][0].startswith("00")

    def _is_number(self, run: Groups, last: int) -> bool:
        """Whether the run up to this group is a phone number, so that another number can follow."""
        return self._phone(self.text[number_start(self.text, run[0].start()) : run[last].end()]) is not None

    def _phone(self, text: str) -> str | None:
        try:
            return phone(text, self._region)
        except CrmError:
            return None

    def holds_amount(self, stored: str) -> bool:
        """Whether a whole number is read as this one: neither a part of a number, nor one without its "million"."""
        number = self._number(stored)
        said = (amount.text for amount in amounts(self.text) if not self._is_in_phone(amount))
        return any(text == stored or (number and self._number(text) == number) for text in said)

    def _is_in_phone(self, amount: Amount) -> bool:
        """Whether the amount is a part of a phone number in groups, but not all of it."""
        place = (amount.start, amount.end)
        return any(start <= place[0] and place[1] <= end and (start, end) != place for start, end in self._phones)

    @cached_property
    def _phones(self) -> list[tuple[int, int]]:
        """The places of phone numbers in groups, each from its first digit to its last."""
        tried = islice(grouped_phones(self.text), _MOST_TRIED)
        found = ((s, e) for s, e in tried if self._phone(self.text[number_start(self.text, s) : e]))
        return list(islice(found, _MOST))

    def holds_digits(self, value: str) -> bool:
        """Whether the digits of an identifier stand there as a whole run in other groups: ``12 34 56 78``."""
        digits = re.sub(r"\D", "", value)
        several = (run for run in digit_runs(self.text) if len(run) > 1)
        return len(digits) >= _SHORTEST and any(digits == "".join(group[0] for group in run) for run in several)

    def _number(self, text: str) -> str | None:
        try:
            return values.number("", text, self._region)
        except CrmError:
            return None

    def holds_moment(self, read: Callable[[str], str], stored: str) -> bool:
        """Whether ``read`` reads a stretch of a few words as the stored date or moment."""
        for token in islice(dates(self.text), _MOST):
            with suppress(CrmError):
                if read(token.text) == stored:
                    return True
        return False


def _names(text: str) -> list[str]:
    """The words of a text, without "hans" and "per" where they are no names: "hans stilling", "per telefon"."""
    return folded_words(
        re.sub(r"\b(?:hans|per) (?=(\w+))", lambda small: "" if _is_field(small[1]) else small[0], text)
    )


def _is_field(word: str) -> bool:
    return any(property_called(stem) for stem in (word, *stems(word)))
