"""Reads a period in words, Danish or English: "denne måned", "the last 30 days", "før 1. marts", "in 2025"."""

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from crm.domain import values
from crm.domain.errors import CrmError
from crm.domain.text import fold

_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_FAR = 10_000  # units back; a calendar holds no more
_LONGEST = 80  # characters of a text that is a period


@dataclass(frozen=True)
class DateRange:
    """The days from ``start`` up to, and without, ``end``; None: no bound on that side."""

    start: date | None
    end: date | None


def read_period(text: str, *, today: date, region: str) -> DateRange | None:
    """The period that the whole text names, or None; ``region`` decides about the order of day and month.

    >>> read_period("this month", today=date(2026, 11, 30), region="DK")
    DateRange(start=datetime.date(2026, 11, 1), end=datetime.date(2026, 12, 1))
    """
    if len(text) > _LONGEST:
        return None
    reader = _Reader(today, region)
    words = text.strip(" .,!?").split()
    with suppress(OverflowError, ValueError):  # beyond the first or the last day that Python knows
        return reader.bounded(words) or reader.single(words)
    return None


class _Reader:
    def __init__(self, today: date, region: str) -> None:
        self.today, self.region = today, region

    def bounded(self, words: list[str]) -> DateRange | None:
        """A period with an open end ("since May"), or between two others."""
        return self._between(words) or self._open(words)

    def _between(self, words: list[str]) -> DateRange | None:
        for rest in _behind(words, "bounds", "between"):
            for n in range(1, len(rest) - 1):
                if fold(rest[n]) in _listed("bounds", "and") or rest[n] in ("-", "–"):
                    first, last = self.single(rest[:n]), self.single(rest[n + 1 :])
                    if first and last:
                        return _joined(first, last)
        return None

    def _open(self, words: list[str]) -> DateRange | None:
        make: dict[str, Callable[[DateRange], DateRange]] = {
            "since": lambda p: DateRange(p.start, None),
            "after": lambda p: DateRange(p.end, None),
            "before": lambda p: DateRange(None, p.start),
            "until": lambda p: DateRange(None, p.end),
        }
        for bound, opened in make.items():
            for rest in _behind(words, "bounds", bound):
                if found := self.single(rest):
                    return opened(found)
        return None

    def single(self, words: list[str]) -> DateRange | None:
        """A period without a word for its bounds."""
        if not words:
            return None
        return self._day_word(words) or self._back(words) or self._calendar(words) or self._named(words)

    def _day_word(self, words: list[str]) -> DateRange | None:
        offset = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(_name_of(words, "days") or "")
        return None if offset is None else _day(self.today + timedelta(days=offset))

    def _back(self, words: list[str]) -> DateRange | None:
        """ "the last 30 days" (until today), "three weeks ago" (that day), "more than a year ago" (until that day)."""
        for rest in _behind(words, "back", "older"):
            if len(rest) in (2, 3) and (count := _number(rest[0])) and (unit := _name_of(rest[1:2], "units")):
                return DateRange(None, _moved(self.today, unit, -count))
        for rest in (*_behind(words, "back", "before"), words):
            if len(rest) == 2 and (count := _number(rest[0])) and (unit := _name_of(rest[1:], "units")):
                return DateRange(_moved(self.today, unit, -count), self.today + timedelta(days=1))
        for rest in _behind(words, "back", "ago_before"):
            if len(rest) == 3 and fold(rest[2]) in _listed("back", "ago"):
                count, unit = _number(rest[0]), _name_of(rest[1:2], "units")
                return _day(_moved(self.today, unit, -count)) if count and unit else None
        return None

    def _calendar(self, words: list[str]) -> DateRange | None:
        """The current, the last or the next unit of the calendar: "i denne uge", "last year"."""
        for which, offset in (("this", 0), ("last", -1), ("next", 1)):
            for rest in _behind(words, "calendar", which):
                if len(rest) == 1 and (unit := _name_of(rest, "units")):
                    start = _moved(_start(self.today, unit), unit, offset)
                    return DateRange(start, _moved(start, unit, 1))
        return None

    def _named(self, words: list[str]) -> DateRange | None:
        """A month, a year, a weekday or a day: "november", "in 2025", "on Monday", "1. marts 2026"."""
        for rest in (*_behind(words, "in", "words"), words):
            if found := self._month(rest) or self._year(rest) or self._weekday(rest) or self._date(rest):
                return found
        return None

    def _month(self, words: list[str]) -> DateRange | None:
        month = _name_of(words[:1], "months")
        if not month or len(words) > 2 or (len(words) == 2 and not _YEAR.fullmatch(words[1])):
            return None
        start = date(int(words[1]) if len(words) == 2 else self.today.year, int(month), 1)
        if len(words) == 1 and start > self.today:
            start = start.replace(year=start.year - 1)
        return DateRange(start, _moved(start, "month", 1))

    def _year(self, words: list[str]) -> DateRange | None:
        if len(words) != 1 or not _YEAR.fullmatch(words[0]):
            return None
        return DateRange(date(int(words[0]), 1, 1), date(int(words[0]) + 1, 1, 1))

    def _weekday(self, words: list[str]) -> DateRange | None:
        day = _name_of(words, "weekdays")
        return _day(self.today - timedelta(days=(self.today.weekday() - int(day)) % 7)) if day else None

    def _date(self, words: list[str]) -> DateRange | None:
        """Read a date; one without a year is the latest such date that is not in the future."""
        text = " ".join(words)
        if not any(c.isdigit() for c in text) or not any(c.isalpha() or c in "./-" for c in text):
            return None
        if found := self._read_day(text):
            return _day(found)
        found = self._read_day(f"{text} {self.today.year}")
        if found and found > self.today:
            found = self._read_day(f"{text} {self.today.year - 1}")
        return _day(found) if found else None

    def _read_day(self, text: str) -> date | None:
        with suppress(CrmError, ValueError):
            return date.fromisoformat(values.day("", text, self.region, "UTC"))
        return None


def _joined(first: DateRange, last: DateRange) -> DateRange:
    """From the one to the other; "from October to February" began in the year before."""
    if first.start and last.end and last.end <= first.start:
        return DateRange(first.start.replace(year=first.start.year - 1), last.end)
    return DateRange(first.start, last.end)


def _day(day: date) -> DateRange:
    return DateRange(day, day + timedelta(days=1))


def _start(day: date, unit: str) -> date:
    if unit in _MONTHS:
        return date(day.year, (day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1, 1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def _moved(day: date, unit: str, count: int) -> date:
    """The day so many units later; the last of the month where that has no such day."""
    if unit in _DAYS:
        return day + timedelta(days=_DAYS[unit] * count)
    months = day.year * 12 + day.month - 1 + _MONTHS[unit] * count
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (following - first).days) - 1)


def _number(word: str) -> int:
    """A number in digits or in a word; 0 for anything else."""
    if word.isascii() and word.isdigit() and len(word) < 6:
        return min(int(word), _FAR)
    return int(_name_of([word], "numbers") or 0)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("periods.toml").read_text("utf-8"))


@cache
def _listed(*path: str) -> frozenset[str]:
    """The folded entries of one list, the words of each joined."""
    table, name = path
    return frozenset(fold(entry) for entry in _data()[table][name])


def _name_of(words: list[str], table: str) -> str | None:
    """The list of the table that holds these words."""
    folded = fold("".join(words))
    return next((name for name in _data()[table] if folded and folded in _listed(table, name)), None)


def _behind(words: list[str], table: str, name: str) -> Iterator[list[str]]:
    """What stands behind each beginning of the words that the list holds, the longest beginning first."""
    for n in range(min(len(words) - 1, 5), -1, -1):
        if fold("".join(words[:n])) in _listed(table, name):
            yield words[n:]
