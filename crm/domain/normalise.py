"""Normalises emails, phone numbers and plain text for HubSpot without changing their meaning."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.domain.errors import InvalidEmail, InvalidPhone

PHONES = ("phone", "mobilephone", "fax")
MAX_TEXT = 65_536  # characters of a value (documented for notes, not verified for contacts)
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """The text in NFC, without control and invisible direction characters, white space collapsed.

    Line breaks become spaces. Letters, accents, punctuation and case stay: ``METTE HANSEN`` cannot be distinguished
    from ``IBM`` by its letters, and the card shows the value before it is written.
    """
    spaced = "".join(" " if c.isspace() else c for c in text)
    # Arabic, Persian and emoji need the joiners of category Cf inside words; its other characters can disguise a text
    kept = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    words = (word.strip(_JOINERS) for word in "".join(kept).split(" "))
    # composed last: a removed character may have stood between a letter and its accent
    return unicodedata.normalize("NFC", " ".join(word for word in words if word))


def email(text: str) -> str:
    """The address in lower case, with an international domain as ``xn--…``, so that look-alikes can be seen.

    Raises InvalidEmail (value) where the syntax is wrong by RFC 5321/5322. Whether HubSpot accepts letters like ``å``
    before the at sign is not verified; it may refuse them itself.
    """
    value = clean(text).removeprefix("mailto:").strip("<>.,; ")
    try:
        # test_environment: the reserved .test names pass, as .example does by globally_deliverable=False
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise InvalidEmail(value=clean(text)[:100]) from None
    return unicodedata.normalize("NFC", f"{found.local_part}@{found.ascii_domain}".lower())


def phone(text: str, region: str) -> str:
    """The number in E.164 (``+4522334455``); one without a country code is of ``region``.

    An extension follows it as `` ext. 12``. Raises InvalidPhone (value) where no such number is possible.
    """
    value = clean(text)
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise InvalidPhone(value=value[:100]) from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidPhone(value=value[:100])
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written} ext. {number.extension}" if number.extension else written


def is_national(text: str, region: str) -> bool:
    """Whether the text is a valid phone number of the region without its country code."""
    try:
        return phonenumbers.is_valid_number_for_region(phonenumbers.parse(text, region), region)
    except phonenumbers.NumberParseException:
        return False


def national(text: str, region: str) -> str | None:
    """The digits without the country code, as in HubSpot's calculated phone properties; None if it is no number."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    digits = phonenumbers.national_significant_number(number)
    return digits if len(digits) >= 4 else None
