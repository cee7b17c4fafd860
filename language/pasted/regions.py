"""Adds the country code to the phone numbers of a pasted person who lives in another country."""

import re

import phonenumbers

from crm.domain import PHONES
from language.pasted.person import PastedPerson, region_of_country

_UK_ZIP = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")
_CA_ZIP = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")
_US_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_NORTH_AMERICAN = re.compile(r"\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?:\D.*)?")


def add_country_codes(person: PastedPerson, region: str) -> None:
    """Write the numbers of another country than ``region`` with its code, where the text tells the country."""
    home = _region_of(person)
    for name in PHONES:
        value = person.values.get(name, "")
        if not value or value.lstrip("( ").startswith(("+", "00")):
            continue
        number = _number(value, home) if home else None
        if number is None and _NORTH_AMERICAN.fullmatch(value):
            number = _number(value, "US")
        if number and not (_is_of(value, region) and not _is_of(value, home)):
            person.values[name] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _region_of(person: PastedPerson) -> str:
    """The region that the country, the postal code or another number names; "" where nothing does."""
    code = person.values.get("zip", "")
    if found := region_of_country(person.values.get("country", "")) or person.region:
        return found
    if _UK_ZIP.fullmatch(code):
        return "GB"
    if _CA_ZIP.fullmatch(code):
        return "CA"
    if _US_ZIP.fullmatch(code) and re.fullmatch(r"[A-Z]{2}", person.values.get("state", "")):
        return "US"
    numbers = (_number(person.values[name], "ZZ") for name in PHONES if name in person.values)
    return next((phonenumbers.region_code_for_number(n) or "" for n in numbers if n), "")


def _number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return number if possible else None


def _is_of(text: str, region: str) -> bool:
    number = _number(text, region) if region else None
    return number is not None and phonenumbers.is_valid_number_for_region(number, region)
