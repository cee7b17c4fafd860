"""A person whose data is to be erased: what identifies them, and whether a value mentions any of it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm.domain import normalise

LONG_ID = 6  # digits; a shorter number counts as an id only where it is written as one
# all kinds of dashes and apostrophes, and invisible characters
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201b\u2032\u02b9\u02bc\uff07\u00b4`"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SPELT = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_UNSEEN))
_JSON = re.compile(r"(?<!\\)\\+(?:u([0-9a-fA-F]{4})|[nrtbf])")


@dataclass(frozen=True)
class DataSubject:
    """Ids of contacts, email addresses, phone numbers (national digits) and full names."""

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: "DataSubject") -> "DataSubject":
        return DataSubject(
            self.ids | other.ids, self.emails | other.emails, self.phones | other.phones, self.names | other.names
        )

    def __bool__(self) -> bool:
        return bool(self.ids or self.emails or self.phones or self.names)

    def is_in(self, value: Any) -> bool:
        """Whether a value mentions the person; mappings, lists and objects with fields are searched at any depth."""
        if isinstance(value, str):
            return value in self.ids or self._is_in_text(value)
        if isinstance(value, Mapping):
            return any(self.is_in(part) for pair in value.items() for part in pair)
        if isinstance(value, list | tuple | set | frozenset):
            return any(self.is_in(part) for part in value)
        if hasattr(value, "model_dump"):
            return self.is_in(value.model_dump())
        return not isinstance(value, int | float | bool | None) and self.is_in(str(value))

    def _is_in_text(self, text: str) -> bool:
        plain = _plain(text)
        if self._pattern is not None and self._pattern.search(plain):
            return True
        digits = re.sub(r"(?<=\d)(?:[^\w\"]|_){1,4}(?=\d)", "", plain) if self.phones else ""
        return any(phone in digits for phone in self.phones)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        emails = [rf"(?<![\w.+-]){re.escape(_plain(email))}(?![\w-])" for email in self.emails]
        names = [rf"(?<!\w){re.escape(_plain(name))}(?:'?s)?(?!\w)" for name in self.names]
        ids = [
            rf"(?<!\d){number}(?!\d)" if len(number) >= LONG_ID else rf"(?:/0-1/|[\"'|]){number}(?!\d)"
            for number in self.ids
        ]
        parts = [*emails, *names, *ids]
        return re.compile("|".join(parts)) if parts else None


def _plain(text: str) -> str:
    """The text for a comparison: JSON escapes are decoded, and all notations of a character become one."""
    if "\\" in text:
        text = _JSON.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text).replace("\\", "")
    text = text.translate(_SPELT)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = re.sub(r"(?![0-9])\d", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return " ".join(text.casefold().split())


def data_subject_of(values: Mapping[str, str | None], region: str, *, contact_id: str = "") -> DataSubject:
    """The person whom a contact's properties describe, by addresses, phone numbers and full name."""
    emails = [values.get("email") or "", *(values.get("hs_additional_emails") or "").split(";")]
    phones = [normalise.national(values.get(name) or "", region) for name in normalise.PHONES]
    return DataSubject(
        frozenset([contact_id] if contact_id else []),
        frozenset(email.strip().casefold() for email in emails if "@" in email),
        frozenset(phone for phone in phones if phone),
        full_names([" ".join(values.get(name) or "" for name in ("firstname", "lastname"))]),
    )


def full_names(names: Iterable[str]) -> frozenset[str]:
    """The names of more than one word, as a first name alone identifies nobody."""
    plain = (" ".join(name.casefold().split()) for name in names)
    return frozenset(name for name in plain if " " in name and "@" not in name)
