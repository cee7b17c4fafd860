"""What is compared of a record to tell whether two are one person: names, numbers and addresses, folded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm.domain import GENERATIONS, key, name_words, normalise, words

LEGAL = frozenset((
    "as", "aps", "is", "ivs", "ks", "ps", "amba", "gmbh", "ag", "kg", "ab", "oy", "bv", "nv", "ltd", "limited",
    "llc", "inc", "plc", "sa", "sl", "srl", "co", "corp",
))  # fmt: skip


@dataclass(frozen=True)
class Features:
    """What is compared of a record, folded. ``named``: the names are its own, not read from its email."""

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    generation: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    city: str = ""
    born: str = ""
    named: bool = True


def features_of(values: Mapping[str, str | None], region: str) -> Features:
    """What is compared of a contact's properties; a name that stands in one field is parted."""
    given, family = values.get("firstname") or "", values.get("lastname") or ""
    first, last = name_words(given), name_words(family)
    if not last and len(first) > 1:
        first, last = first[:-1], first[-1:]
    elif not first and len(last) > 1:
        first, last = last[:1], last[1:]
    addresses = [values.get("email") or "", *(values.get("hs_additional_emails") or "").split(";")]
    emails = tuple(a.strip().lower() for a in addresses if a.strip())
    named = bool(first or last)
    if not named and emails:
        first, last = local_names(emails[0])
    numbers = (normalise.national(values.get(p) or "", region) for p in ("phone", "mobilephone"))
    return Features(
        first=first,
        last=last,
        generation=frozenset(words(f"{given} {family}")) & GENERATIONS,
        phones=frozenset(n.lstrip("0") for n in numbers if n),
        emails=emails,
        company=tuple(w for w in words((values.get("company") or "").replace("/", "")) if w not in LEGAL),
        city=key(values.get("city") or ""),
        born=_day(values.get("date_of_birth") or ""),
        named=named,
    )


def _day(text: str) -> str:
    """A date of birth as ``1980-05-17``; HubSpot's property is plain text, and what is no date of digits stays so."""
    text = text.strip().casefold()
    if found := re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(t.*)?", text):
        year, month, day = found.groups()[:3]
    elif found := re.fullmatch(r"(\d{1,2})\D{1,2}(\d{1,2})\D{1,2}(\d{4})", text):
        day, month, year = found.groups()
    else:
        return text
    return f"{year}-{month:0>2}-{day:0>2}"


def local_names(email: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last name where an address is made of them (``mette.hansen@…``), or nothing."""
    parts = words(email.partition("@")[0].partition("+")[0])
    if len(parts) < 2 or not all(p.isalpha() and len(p) > 1 for p in parts):
        return (), ()
    return parts[:-1], parts[-1:]
