"""Tokens: emails, phone numbers and cleaned text."""

import pytest

from language.tokens import clean_message, is_email, tokenize


@pytest.mark.parametrize(
    ("text", "valid"),
    [("mette@nordlys.example", True), ("a@b.test", True), ("mette@", False), ("a b@c.dk", False)],
)
def test_email_syntax(text: str, valid: bool) -> None:
    """Addresses with reserved domains are accepted, incomplete addresses are not."""
    assert is_email(text) is valid


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("ring 22 33 44 55 nu", ["22 33 44 55"]),
        ("+45 22334455, 70121314", ["+45 22334455", "70121314"]),
        ("født 24-12-1980", []),
        ("8000 Aarhus", []),
        ("020 7946 0958", ["020 7946 0958"]),
        ("nummer 2", []),
    ],
)
def test_phone_numbers_in_a_text(said: str, found: list[str]) -> None:
    """Phone numbers are found as written; dates, postal codes and small numbers are not phone numbers."""
    assert [t.text for t in tokenize(said, "DK") if t.kind == "phone"] == found


def test_phone_numbers_are_read_in_the_given_region() -> None:
    """A number without a country code is a number of the given region."""
    assert [t.text for t in tokenize("call 415-555-2671", "US") if t.kind == "phone"] == ["415-555-2671"]


def test_control_characters_are_removed() -> None:
    """Control and direction characters never reach a value."""
    assert clean_message("Mette\u202e\u200b\x00 Hansen\r\nNordlys") == "Mette  Hansen\nNordlys"
