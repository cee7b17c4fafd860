"""A person whose data is to be erased: what they are known by, and whether something mentions any of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm import normalise

LONG_ID = 6  # a shorter number is an id only where it stands as one


@dataclass(frozen=True)
class Person:
    """Ids of contacts, email addresses, phone numbers (national digits) and full names."""

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: "Person") -> "Person":
        return Person(
            self.ids | other.ids, self.emails | other.emails, self.phones | other.phones, self.names | other.names
        )

    def __bool__(self) -> bool:
        return bool(self.ids or self.emails or self.phones or self.names)

    def is_in(self, value: Any) -> bool:
        """Whether a value of any depth (mappings, lists, objects with fields) mentions the person."""
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
        plain = " ".join(text.replace("\\", "").casefold().split())
        if self._pattern is not None and self._pattern.search(plain):
            return True
        digits = re.sub(r"(?<=\d)[\s().\-/]+(?=\d)", "", plain)
        return any(phone in digits for phone in self.phones)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        emails = [rf"(?<![\w.+-]){re.escape(email)}(?![\w-])" for email in self.emails]
        names = [rf"(?<!\w){re.escape(name)}(?:['’]?s)?(?!\w)" for name in self.names]
        ids = [
            rf"(?<!\d){number}(?!\d)" if len(number) >= LONG_ID else rf"(?:/0-1/|[\"'|]){number}(?!\d)"
            for number in self.ids
        ]
        parts = [*emails, *names, *ids]
        return re.compile("|".join(parts)) if parts else None


def person(values: Mapping[str, str | None], region: str, *, contact_id: str = "") -> Person:
    """The person that a contact's properties tell of: its addresses, numbers and full name."""
    emails = [values.get("email") or "", *(values.get("hs_additional_emails") or "").split(";")]
    phones = [normalise.national(values.get(name) or "", region) for name in normalise.PHONES]
    return Person(
        frozenset([contact_id] if contact_id else []),
        frozenset(email.strip().casefold() for email in emails if "@" in email),
        frozenset(phone for phone in phones if phone),
        full_names([" ".join(values.get(name) or "" for name in ("firstname", "lastname"))]),
    )


def full_names(names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are of more than one word: a first name alone is everybody's."""
    plain = (" ".join(name.casefold().split()) for name in names)
    return frozenset(name for name in plain if " " in name and "@" not in name)
