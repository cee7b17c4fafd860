"""The features of a record by which two records are compared: names, phone numbers, addresses, each normalised."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm.domain import GENERATIONS, LEGAL_FORMS, key, name_words, normalise, words


@dataclass(frozen=True)
class Features:
    """What is compared of a record. ``named``: the names stand in the record and were not read from its email."""

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    generation: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    city: str = ""
    born: str = ""
    named: bool = True

    @property
    def name(self) -> tuple[str, ...]:
        """All words of the name."""
        return self.first + self.last

    @property
    def has_both_names(self) -> bool:
        """Whether both the first and the last name are known."""
        return bool(self.first and self.last)


def features_of(properties: Mapping[str, str | None], region: str) -> Features:
    """The features of a contact's properties; ``region`` is that of phone numbers without a country code."""
    values = {name: value or "" for name, value in properties.items()}
    given, family = values.get("firstname", ""), values.get("lastname", "")
    emails = _emails(values)
    first, last = _names(given, family)
    named = bool(first or last)
    if not named and emails:
        first, last = local_names(emails[0])
    numbers = (normalise.national(values.get(p, ""), region) for p in ("phone", "mobilephone"))
    return Features(
        first=first,
        last=last,
        generation=frozenset(words(f"{given} {family}")) & GENERATIONS,
        phones=frozenset(n.lstrip("0") for n in numbers if n),
        emails=emails,
        company=company_words(values.get("company", "")),
        city=key(values.get("city", "")),
        born=_birth_date(values.get("date_of_birth", "")),
        named=named,
    )


def _names(given: str, family: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the first and of the last name; where one field holds the full name, it is split."""
    first, last = name_words(given), name_words(family)
    if not last and len(first) > 1:
        return first[:-1], first[-1:]
    if not first and len(last) > 1:
        return last[:1], last[1:]
    return first, last


def _emails(values: Mapping[str, str]) -> tuple[str, ...]:
    """All email addresses in lower case, the primary one first."""
    addresses = [values.get("email", ""), *values.get("hs_additional_emails", "").split(";")]
    return tuple(address.strip().lower() for address in addresses if address.strip())


def company_words(company: str) -> tuple[str, ...]:
    """The words of a company's name without its legal form: ``Nordlys A/S`` is Nordlys."""
    return tuple(word for word in words(company.replace("/", "")) if word not in LEGAL_FORMS)


def _birth_date(text: str) -> str:
    """The date as ``1980-05-17``. HubSpot's property is plain text: a text in any other notation is kept as it is."""
    text = text.strip().casefold()
    if found := re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(t.*)?", text):
        year, month, day = found.groups()[:3]
    elif found := re.fullmatch(r"(\d{1,2})\D{1,2}(\d{1,2})\D{1,2}(\d{4})", text):
        day, month, year = found.groups()
    else:
        return text
    return f"{year}-{month:0>2}-{day:0>2}"


def local_names(email: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first and last name that the address is made of (``mette.hansen@…``); both empty where it is not."""
    parts = words(email.partition("@")[0].partition("+")[0])
    if len(parts) < 2 or not all(p.isalpha() and len(p) > 1 for p in parts):
        return (), ()
    return parts[:-1], parts[-1:]
