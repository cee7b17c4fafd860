"""The language of a message."""

import pytest

from guided import detect_language


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("hvem er Jens Jensen?", "da"),
        ("opret en kontakt", "da"),
        ("ret hendes telefon til 22 33 44 55", "da"),
        ("who is Jens Jensen?", "en"),
        ("please create a contact", "en"),
        ("change her phone to 22 33 44 55", "en"),
        ("Mette Hansen", None),
        ("mette@nordlys.example", None),
        ("22 33 44 55", None),
        ("", None),
        ("Nordlys A/S", None),
        ("oprettet i dag", "da"),
        ("ændret i går", "da"),
        ("i morgen", "da"),
        ("vent lidt", "da"),
        ("prøv igen", "da"),
        ("flyttet til Randers", "da"),
        ("created today", "en"),
        ("changed yesterday", "en"),
        ("hold on", "en"),
        ("try again", "en"),
        ("moved to Randers", "en"),
        ("i need a contact", "en"),
        ("Mette i Aarhus", None),
        ("Tom van der Berg", None),
        ("opret hende her:\n\nKind regards\nTom Fox\nHead of the team\ntom@x.example", "da"),
        ("Tom Fox\nHead of the team\nat the company\ntom@x.example\nSent from my iPhone", None),
        ("Hans Christian", None),
        ("Den Haag", None),
        ("Hans Christian er flyttet", "da"),
        ("find Tom van der Berg, please", "en"),
        ("Vis Tom van der Berg", "da"),
        ("The customer has moved", "en"),
        ("OPRET EN NY KONTAKT", "da"),
    ],
)
def test_the_language_of_a_message(said: str, language: str | None) -> None:
    """Function words tell the language; names, emails and numbers alone do not."""
    assert detect_language(said) == language
