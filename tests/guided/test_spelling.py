"""Typing errors in the words by which a message asks for something are corrected; names and values stay."""

import pytest

from guided.spelling import corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tilfj Morten Ravn", "tilføj Morten Ravn"),
        ("opdater kontkaten", "opdater kontakten"),
        ("skift hendes emai til x@y.example", "skift hendes email til x@y.example"),
        ("list every custmer in Ribe", "list every customer in Ribe"),
        ("what is her emial", "what is her email"),
        ("Serach for Mette", "search for Mette"),
    ],
)
def test_a_slip_of_the_fingers_is_corrected(typed: str, meant: str) -> None:
    """One wrong, missing, doubled or exchanged letter (two in long words)."""
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "find Gemma Lunde",
        "find gemma lunde",
        "opret finn olsen hos gemini",
        "ret stilling på mette til slagter",
        "ret stilling til Kontkat",
        "mail@tilfj.example",
        "find kontkt.example",
        "hund kat hest",
        "",
    ],
)
def test_names_values_and_ordinary_words_stay(text: str) -> None:
    """A name, an address, a word of either language and a word with a capital inside the message are what they are."""
    assert corrected(text) == text
