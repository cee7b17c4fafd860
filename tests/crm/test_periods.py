"""Periods in words, Danish and English."""

from datetime import date

import pytest

from crm.domain import DateRange, read_period

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("danish", "english", "start", "end"),
    [
        ("i dag", "today", "2026-11-30", "2026-12-01"),
        ("i går", "yesterday", "2026-11-29", "2026-11-30"),
        ("denne uge", "this week", "2026-11-30", "2026-12-07"),
        ("sidste uge", "last week", "2026-11-23", "2026-11-30"),
        ("i denne måned", "this month", "2026-11-01", "2026-12-01"),
        ("sidste kvartal", "last quarter", "2026-07-01", "2026-10-01"),
        ("i år", "this year", "2026-01-01", "2027-01-01"),
        ("de sidste 30 dage", "the last 30 days", "2026-10-31", "2026-12-01"),
        ("inden for de seneste tre måneder", "within the last three months", "2026-08-30", "2026-12-01"),
        ("for to uger siden", "two weeks ago", "2026-11-16", "2026-11-17"),
        ("for mere end et år siden", "more than a year ago", None, "2025-11-30"),
        ("november", "November", "2026-11-01", "2026-12-01"),
        ("december", "in December", "2025-12-01", "2026-01-01"),
        ("i marts 2024", "March 2024", "2024-03-01", "2024-04-01"),
        ("i 2025", "in 2025", "2025-01-01", "2026-01-01"),
        ("1. marts 2024", "1 March 2024", "2024-03-01", "2024-03-02"),
        ("29. februar 2024", "29 February 2024", "2024-02-29", "2024-03-01"),
        ("4. december", "4 December", "2025-12-04", "2025-12-05"),
        ("mandag", "on Monday", "2026-11-30", "2026-12-01"),
        ("siden sidste fredag", "since last Friday", "2026-11-27", None),
        ("siden 1. november", "since 1 November", "2026-11-01", None),
        ("før 1. marts 2026", "before 1 March 2026", None, "2026-03-01"),
        ("efter 1. maj 2026", "after 1 May 2026", "2026-05-02", None),
        ("mellem maj og juli", "between May and July", "2026-05-01", "2026-08-01"),
        ("fra 2024 til 2025", "from 2024 to 2025", "2024-01-01", "2026-01-01"),
    ],
)
def test_a_period_in_words(danish: str, english: str, start: str | None, end: str | None) -> None:
    """Both languages name the same days; the end is the first day that does not belong to the period."""
    wanted = DateRange(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
    assert read_period(danish, today=MONDAY, region="DK") == wanted
    assert read_period(english, today=MONDAY, region="GB") == wanted


@pytest.mark.parametrize(
    "text", ["Mette", "Aarhus", "12345678", "31. februar", "i", "siden", "last", "snart", "99999 år", "x" * 500]
)
def test_what_is_no_period(text: str) -> None:
    """Names, numbers, days that no calendar has and words of a period without the rest are none."""
    assert read_period(text, today=MONDAY, region="DK") is None


def test_the_region_decides_about_day_and_month() -> None:
    """3/5/2026 is a day in May, and in the US one in March."""
    assert read_period("3/5/2026", today=MONDAY, region="DK") == DateRange(date(2026, 5, 3), date(2026, 5, 4))
    assert read_period("3/5/2026", today=MONDAY, region="US") == DateRange(date(2026, 3, 5), date(2026, 3, 6))


def test_a_month_is_counted_back_from_its_last_day() -> None:
    """A month before 31 March is the last day of February."""
    found = read_period("last 1 month", today=date(2026, 3, 31), region="GB")
    assert found == DateRange(date(2026, 2, 28), date(2026, 4, 1))
