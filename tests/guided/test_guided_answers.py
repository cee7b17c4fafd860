"""Plain answers and the language of a message."""

import pytest

from guided import detect_language, plain_answer


@pytest.mark.parametrize(
    "said",
    [
        "ja",
        "Ja tak!",
        "jep",
        "JA",
        "ok",
        "Okay.",
        "godkend",
        "gør det",
        "ja, gør det",
        "ja gerne",
        "👍",
        "ja 👍",
        "yes",
        "Yes, please",
        "approve",
        "go ahead",
        "sure",
        "looks good",
        "that's right",
        "do it!",
        "  ja  ",
        "jep, gør det",
        "ja, gem det bare",
        "yes, go ahead please",
    ],
)
def test_a_plain_yes(said: str) -> None:
    """A message that is only a yes is one, whatever its case and punctuation."""
    assert plain_answer(said) == "yes"


@pytest.mark.parametrize(
    "said",
    [
        "nej",
        "Nej tak",
        "annullér",
        "annuller",
        "stop",
        "lad være",
        "glem det",
        "👎",
        "no",
        "No, thanks",
        "cancel",
        "don't",
        "never mind",
        "NEJ!",
        "nope",
        "nej tak, lad være",
        "nej ikke endnu",
        "det må du ikke",
        "nej, det må du ikke",
        "Nej, lad være med det!",
        "no, please don't",
        "not yet, thanks",
        "maybe later",
        "fortryd ændringen",
        "undo it",
    ],
)
def test_a_plain_no(said: str) -> None:
    """A message that is only a no is one."""
    assert plain_answer(said) == "no"


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "ja?",
        "ja, men ret navnet",
        "nej, det er 22 33 44 55",
        "måske",
        "yes but not the phone",
        "👍👎",
        "ja 2",
        "Jan",
        "noah",
        "ok?",
        "nej, hun hedder Hansson",
        "yes and no",
        "👍 men vent",
        "ja" * 200,
        "no phone",
        "opret Mette",
        "vent",
        "vent lidt",
        "nej vent",
        "hold on",
        "prøv igen",
        "try again",
        "opret alligevel",
        "nej, lad være med at rette navnet",
        "du er dum",
    ],
)
def test_anything_more_than_an_answer_is_none(said: str) -> None:
    """A message that says more than yes or no, asks back, or says both, is no plain answer."""
    assert plain_answer(said) is None


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
    ],
)
def test_the_language_of_a_message(said: str, language: str | None) -> None:
    """Small words tell the language; names, emails and numbers alone do not."""
    assert detect_language(said) == language
