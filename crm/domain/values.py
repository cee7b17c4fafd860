"""Reads numbers, booleans and dates in the user's notation, and returns them in HubSpot's.

A notation with two plausible readings is never guessed: AmbiguousValue names both.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.domain.errors import AmbiguousValue, InvalidDate, InvalidValue
from crm.domain.text import fold

# regions that write 1,234.50 (inferred from the main locale of each in CLDR); all others write 1.234,50
_POINT = frozenset(
    ("AU", "CN", "GB", "HK", "IE", "IL", "IN", "JP", "KE", "KR",
     "MX", "MY", "NG", "NZ", "PH", "PK", "SG", "TH", "TW", "US")
)  # fmt: skip
_MONTH_FIRST = frozenset(("US", "PH"))
_TRUE = {fold(w) for w in ("true", "yes", "ja", "sand", "sandt", "1")}
_FALSE = {fold(w) for w in ("false", "no", "nej", "falsk", "falskt", "0")}
# no "billion": it is a thousand times more in Danish than in English
FACTORS = {
    **dict.fromkeys(("k", "tusind", "thousand"), 3),
    **dict.fromkeys(("mio", "million", "millioner", "millions"), 6),
    **dict.fromkeys(("mia", "milliard", "milliarder"), 9),
}
_DAYS = {"idag": 0, "today": 0, "imorgen": 1, "tomorrow": 1, "iovermorgen": 2, "igaar": -1, "yesterday": -1}
_YEARS_BACK, _YEARS_AHEAD = 20, 10  # a year of two digits in this range is read without a question


def boolean(name: str, text: str) -> str:
    """``ja`` -> ``true``. Raises InvalidValue (property, value)."""
    if fold(text) in _TRUE | _FALSE:
        return "true" if fold(text) in _TRUE else "false"
    raise InvalidValue(property=name, value=text[:60])


def number(name: str, text: str, region: str) -> str:
    """``1.234,5``, ``1,234.50`` and ``2,5 mio`` as plain digits with a decimal point.

    Raises InvalidValue, and AmbiguousValue for ``1,234`` where the comma is the region's decimal mark.
    """
    scaled = re.fullmatch(r"(.*\d)\s*([a-z]+)\.?", text.casefold())
    if scaled and scaled[2] not in FACTORS:
        raise InvalidValue(property=name, value=text[:60])
    digits = re.sub(r"[\s'’]", "", scaled[1] if scaled else text).replace("\u2212", "-")
    # digits of other scripts become ours, as HubSpot is not known to read them
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in digits)
    try:
        plain = _plain(name, text, digits, region)
    except AmbiguousValue as asked:
        if scaled:  # both readings have the factor: "million"
            asked.params["options"] = [f"{option} {scaled[2]}" for option in asked.params["options"]]
        raise
    if scaled:
        plain = format((Decimal(plain) * 10 ** FACTORS[scaled[2]]).normalize(), "f")
    # a stored value is read again when a card is edited: its decimals must not look like a group of thousands
    return f"{plain}0" if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", plain) else plain


def _plain(name: str, text: str, digits: str, region: str) -> str:
    thousands, decimals = (",", ".") if region in _POINT else (".", ",")
    marks = "".join(c for c in digits if c in ",.")
    if re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+|-?[1-9]\d{0,2}(\.\d{3})+", digits):
        if marks == decimals:
            whole, broken = digits.replace(marks, ""), digits.replace(marks, ".") + "0"
            raise AmbiguousValue(property=name, value=text[:60], options=[whole, broken.replace(".", decimals)])
        digits = digits.replace(marks[0], "")
    elif len(set(marks)) == 2:
        thousands, decimals = marks[0], marks[-1]
        if not re.fullmatch(rf"-?\d{{1,3}}(\{thousands}\d{{3}})+\{decimals}\d+", digits):
            raise InvalidValue(property=name, value=text[:60])
        digits = digits.replace(thousands, "").replace(decimals, ".")
    digits = digits.replace(",", ".").removeprefix("+")
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,15})?", digits):
        raise InvalidValue(property=name, value=text[:60])
    return digits


def day(name: str, text: str, region: str, zone: str) -> str:
    """The day as ``YYYY-MM-DD``. Raises AmbiguousValue; InvalidDate, also for a time of day, which would be lost."""
    found = _moment(name, text, region, zone)
    if isinstance(found, datetime):
        if found.timetz().replace(tzinfo=None) != datetime.min.time():
            raise InvalidDate(property=name, value=text[:60])
        found = found.date()
    return found.isoformat()


def instant(name: str, text: str, region: str, zone: str) -> str:
    """The moment in UTC, as ``2026-05-03T12:30:00Z``. Raises InvalidDate and AmbiguousValue.

    A moment without an offset is in the portal's time zone, and a day without a time means its midnight there.
    """
    found = _moment(name, text, region, zone)
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day)  # noqa: DTZ001  # the zone follows
    local = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    try:
        utc = local.astimezone(UTC)
    except OverflowError:  # at the very first or last moments that Python knows
        raise InvalidDate(property=name, value=text[:60]) from None
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def local(stored: str, zone: str) -> str:
    """A stored moment in the portal's time zone, ``2026-05-03 14:30``; any other text unchanged."""
    try:
        found = datetime.fromisoformat(stored)
        return found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if found.tzinfo else stored
    except (ValueError, OverflowError):
        return stored


def _moment(name: str, text: str, region: str, zone: str) -> date | datetime:
    if (known := _DAYS.get(fold(text))) is not None:
        return datetime.now(ZoneInfo(zone)).date() + timedelta(days=known)
    try:
        if year_first := re.fullmatch(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})", text):
            return date(int(year_first[1]), int(year_first[3]), int(year_first[4]))
        if re.match(r"\d{4}-\d\d-\d\d[T ]\d", text):
            return datetime.fromisoformat(text)
        found = _parsed(text, region)
    except (ValueError, OverflowError):
        found = None
    whole_year = re.search(r"(?<!\d)(1[89]|20|21)\d\d(?!\d)", text)
    if found is None or re.match(r"\d{4}[-./]", text) or not (whole_year or re.search(r"(?<!\d)\d\d$", text)):
        raise InvalidDate(property=name, value=text[:60])
    if not whole_year:
        _century(name, text, found)
    return found if found.time() != datetime.min.time() else found.date()


def _parsed(text: str, region: str) -> datetime | None:
    """The date as the library ``dateparser`` reads it. It is imported here because its import is slow."""
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]  # it ships no types

    settings: Any = {
        "DATE_ORDER": "MDY" if region in _MONTH_FIRST else "DMY",
        "STRICT_PARSING": True,  # no part of a date is filled in from today's
        "PARSERS": ["absolute-time"],  # its parser of relative times reads "3 dage" as three days ago
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    words = re.sub(r"^(den|d\.|on|the)\s+", "", text, flags=re.IGNORECASE)
    found: datetime | None = DateDataParser(languages=["da", "en"], settings=settings).get_date_data(words).date_obj
    return found


def _century(name: str, text: str, found: datetime) -> None:
    """Raises AmbiguousValue where a year of two digits may be one of two centuries."""
    now = datetime.now(UTC).year
    if not now - _YEARS_BACK <= found.year <= now + _YEARS_AHEAD:
        years = sorted((found.year, found.year + (100 if found.year < now else -100)))
        readings = [f"{year}-{found:%m-%d}" for year in years]
        raise AmbiguousValue(property=name, value=text[:60], options=readings)
