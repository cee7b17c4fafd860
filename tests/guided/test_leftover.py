"""The rule of the leftover: sentences that have nothing to do with contacts propose nothing, and search for nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guided.policy import decide
from guided.turn import Call
from language import is_family_name, is_given_name, is_ordinary
from support.needs import data

OWN = Path(__file__).with_name("negatives.jsonl")
MOST_SEARCHES = 0.02
NAMES = ("Mette Hansen", "Jens", "Bo Ek", "Xiao Wang", "Fatima El-Sayed", "Kirsten Balle", "John", "Sofie", "Aarhus")
DAYS = ("i morgen", "på fredag", "den 3. maj", "tomorrow", "next Friday", "May 3", "kl. 14", "at 2 pm")
WHEN = re.compile(r"\b(i morgen|i dag|i aften|på \w+dag|tomorrow|today|tonight|on \w+day)\b", re.IGNORECASE)
NAMED = re.compile(r"(?<=[\wæøå,] )[A-ZÆØÅ][a-zæøå]+(?: [A-ZÆØÅ][a-zæøå]+)*")


def sentences(lines: str) -> list[str]:
    return [json.loads(line)["text"] for line in lines.split("\n") if line]


def steps(texts: list[str], desk: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """The sentences by the tool that each leads to."""
    found: dict[str, list[str]] = {}
    for text in texts:
        step = decide(text, desk or {}, "DK")
        if isinstance(step, Call):
            found.setdefault(step.name, []).append(text)
    return found


# the suite takes every other sentence
@pytest.mark.parametrize(
    ("whose", "every"),
    [("others", 2), ("own", 2), *(pytest.param(whose, 1, marks=pytest.mark.proof) for whose in ("others", "own"))],
)
def test_sentences_about_anything_else_propose_nothing(whose: str, every: int) -> None:
    """Of other people's sentences, and of our own, none leads to a proposal, and at most 2 % to a search."""
    texts = sentences((data("negatives.jsonl") if whose == "others" else OWN).read_text("utf-8"))[::every]
    found = steps(texts)
    assert (found.get("create_contact", []), found.get("update_contact", [])) == ([], [])
    searches = found.get("search_contacts", [])
    assert len(searches) <= MOST_SEARCHES * len(texts), searches


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(sentences(OWN.read_text("utf-8"))), st.sampled_from(NAMES), st.sampled_from(DAYS))
def test_other_names_and_dates_propose_nothing_either(text: str, name: str, day: str) -> None:
    """Whoever and whichever day such a sentence names, it leads to no proposal."""
    changed = WHEN.sub(day, NAMED.sub(name, text))
    found = steps([changed])
    assert found.keys() <= {"search_contacts", "get_contact"}, changed


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *(("lysstyrken", True), ("soveværelseslyset", True), ("lights", True), ("grocery", True), ("købt", True)),
        *(("xiaowei", False), ("fjordbygaard", False), ("qvx", False)),
    ],
)
def test_ordinary_words_are_known_also_as_compounds(word: str, expected: bool) -> None:
    """Inflected forms and Danish compounds of two ordinary words are ordinary."""
    assert is_ordinary(word) is expected


def test_names_are_known() -> None:
    """Given and family names are known whatever their case, and given names in the genitive."""
    assert all(map(is_given_name, ("Mette", "mettes", "SØREN", "Vibeke", "john")))
    assert all(map(is_family_name, ("hansen", "Smith", "Jørgensen")))
    assert not any(map(is_given_name, ("lysstyrken", "playlist")))
