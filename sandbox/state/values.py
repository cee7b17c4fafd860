"""A value somebody wants to write: its stored form, or why it is refused."""

import re
from collections.abc import Callable
from math import isfinite

from sandbox.errors import Invalid
from sandbox.state import emails
from sandbox.state.clock import iso, parse_moment
from sandbox.state.definitions import Definition, Definitions

MAX_TEXT = 65_536
DAY_MS = 86_400_000
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


class Refused(Exception):
    """The value is not accepted: HubSpot's code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Values:
    """Checks values against the account's properties; `is_owner` tells whether an owner id exists."""

    def __init__(self, definitions: Definitions, is_owner: Callable[[str], bool]) -> None:
        self._definitions = definitions
        self._is_owner = is_owner

    def check(self, sent: dict[str, str], current: dict[str, str]) -> tuple[dict[str, str], list[Invalid]]:
        """Stored forms of everything accepted, and every refusal; `current` is what the contact has now."""
        accepted: dict[str, str] = {}
        problems: list[Invalid] = []
        for name, value in sent.items():
            try:
                accepted[name] = self._stored(name, value, current.get(name, ""))
            except Refused as refusal:
                problems.append(Invalid(name, refusal.code, refusal.message))
        return accepted, problems

    def _stored(self, name: str, value: str, current: str) -> str:
        definition = self._definitions.get(name)
        if definition is None:
            raise Refused("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        if definition.read_only:
            kind = "calculated" if definition.calculated else "read only"
            raise Refused("READ_ONLY_VALUE", f'"{name}" is a {kind} property; its value cannot be set.')
        if value == "":
            return ""
        if name == "email":
            return _email(value)
        if name == "hubspot_owner_id":
            if not self._is_owner(value):
                raise Refused("INVALID_OPTION", f"{value} was not one of the allowed options: []")
            return value
        return _by_type(definition, value, current)


def _by_type(definition: Definition, value: str, current: str) -> str:
    if definition.type in ("enumeration", "bool"):
        return _choice(definition, value, current)
    if definition.type == "number":
        return _number(value)
    if definition.type == "date":
        return _day(value)
    if definition.type == "datetime":
        ms = parse_moment(value)
        if ms is None:
            raise Refused("INVALID_LONG", f"{value} was not a valid long.")
        return iso(ms)
    if len(value) > MAX_TEXT:
        raise Refused("PROPERTY_VALUE_TOO_LONG", f"Property values cannot be longer than {MAX_TEXT} characters.")
    return value


def _email(value: str) -> str:
    email = emails.normal(value)
    if not emails.valid(email):
        raise Refused("INVALID_EMAIL", f"Email address {value} is invalid")
    return email


def _choice(definition: Definition, value: str, current: str) -> str:
    parts = [part for part in value.split(";") if part] if definition.many else [value]
    for part in parts:
        if part not in definition.labels:
            raise Refused("INVALID_OPTION", f"{part} was not one of the allowed options: {_listed(definition)}")
    if definition.many and value.startswith(";"):
        parts = [*(part for part in current.split(";") if part and part not in parts), *parts]
    return ";".join(parts)


def _listed(definition: Definition) -> str:
    items = (
        f'label: "{option.label}"\nvalue: "{option.value}"\ndisplay_order: {order}\n'
        f"hidden: {str(option.hidden).lower()}"
        for order, option in enumerate(definition.options)
    )
    return "[" + ", ".join(items) + "]"


def _number(value: str) -> str:
    if NUMBER.fullmatch(value.strip()) and isfinite(float(value)):  # Python itself takes 1_000 and ٣ too
        return value.strip()
    raise Refused("INVALID_INTEGER", f"{value} was not a valid number")


def _day(value: str) -> str:
    ms = parse_moment(value)
    if ms is None:
        raise Refused("INVALID_DATE", f"{value} was not a valid date.")
    if ms % DAY_MS:
        rest = ms % DAY_MS
        hour, minute, second = rest // 3_600_000, rest // 60_000 % 60, rest // 1000 % 60
        raise Refused("INVALID_DATE", f"{value} is at {hour}:{minute}:{second}.{rest % 1000} UTC, not midnight!")
    return iso(ms)[:10]
