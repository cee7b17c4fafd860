"""Whether something mentions a person who is to be erased."""

import json
import unicodedata
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from crm.privacy.data_subject import DataSubject, data_subject_of

METTE = DataSubject(
    frozenset({"14300000101"}),
    frozenset({"mette@nordlys.example"}),
    frozenset({"22334455"}),
    frozenset({"mette hansen"}),
)
SOREN = DataSubject(
    emails=frozenset({"søren@nordlys.example"}), phones=METTE.phones, names=frozenset({"søren o'brien-ægidius"})
)


@pytest.mark.parametrize(
    "value",
    [
        "skriv til Mette@Nordlys.example.",
        "[mette@nordlys.example](mailto:mette@nordlys.example)",
        r"mette\@nordlys.example",
        "ring til 22 33 44 55",
        "+45 2233-4455",
        "phone=+4522334455;",
        "ret METTE  HANSENS stilling",
        "Mette Hansen's title",
        "https://app-eu1.hubspot.com/contacts/1/record/0-1/14300000101",
        "1|14300000101|Mette",
        {"a": [{"b": ("x", "14300000101")}]},
        {"mette@nordlys.example": 1},
        [HumanMessage("find mette hansen")],
    ],
)
def test_a_mention_is_found(value: Any) -> None:
    """Emails, numbers in any notation, full names and ids are found at any depth."""
    assert METTE.is_in(value)


@pytest.mark.parametrize(
    "separator", [*"\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00a0\u202f\t_-./,·:+~*", " – ", ") (", "\\_"]
)
def test_a_number_is_found_with_any_separator(separator: str) -> None:
    """A number is the same one whatever stands between its digits, and kept as JSON as well."""
    written = separator.join(("22", "33", "44", "55"))
    assert SOREN.is_in(f"ring {written}")
    assert SOREN.is_in(json.dumps(f"ring\n{written}"))


@pytest.mark.parametrize(
    "text",
    [
        "２２３３４４５５",
        "+４５ ２２ ３３ ４４ ５５",
        "٢٢٣٣٤٤٥٥",
        "Søren O'Brien-Ægidius",
        "søren o’brien-ægidius",
        "SØREN O´BRIEN–ÆGIDIUS’ bil",
        "Søren O`Brien‑Ægidius's bil",
        "Søren\u00a0O'Brien-Ægi\u00addius",
        "Søren@nordlys.example",
        "s\u200børen＠nordlys.example",
    ],
)
def test_a_mention_is_found_in_any_spelling(text: str) -> None:
    """Digits of any script, apostrophes and dashes of any kind, letters in parts, and JSON's escapes make no other."""
    for form in ("NFC", "NFD"):
        spelt = unicodedata.normalize(form, text)
        assert SOREN.is_in(spelt)
        assert SOREN.is_in(json.dumps({"a": f"x\n{spelt}"}))
        assert SOREN.is_in(json.dumps(json.dumps(spelt)))


def test_a_person_who_was_given_in_parts_is_found() -> None:
    """What the person is known by is compared in one spelling as well."""
    given = DataSubject(names=frozenset({unicodedata.normalize("NFD", "åse o’brien")}))
    assert given.is_in("Åse O'Brien")


@pytest.mark.parametrize(
    "value",
    [
        "anette@nordlys.example",
        "jens.mette@nordlys.example",
        "mette@nordlys.example-firma.dk",
        "22 33 44 5",
        "22_33_44–5",
        "٢٢ ٣٣ ٤٤ ٥",
        "Mette Hansensen",
        "Mette",
        "143000001012",
        {"a": [1, None, 2.5, True, "x"]},
    ],
)
def test_another_person_is_not(value: Any) -> None:
    """What only looks like it is somebody else's."""
    assert not METTE.is_in(value)


def test_a_short_id_is_one_only_where_it_stands_as_one() -> None:
    """A small number in a text is no mention of the contact with that id."""
    short = DataSubject(frozenset({"101"}))
    assert short.is_in(["101"])
    assert short.is_in("se /0-1/101 og")
    assert short.is_in('{"ids": ["101"]}')
    assert not short.is_in("lokale 101, 1012")


def test_a_contact_tells_what_it_is_known_by() -> None:
    """Addresses, national numbers and the full name are taken from a contact; a first name alone is not."""
    values = {"email": "A@x.example", "hs_additional_emails": "b@x.example;c@x.example", "phone": "+4522334455"}
    found = data_subject_of({**values, "firstname": "Mette", "lastname": "Hansen"}, "DK", contact_id="7")
    assert found.emails == {"a@x.example", "b@x.example", "c@x.example"}
    assert (found.ids, found.phones, found.names) == ({"7"}, {"22334455"}, {"mette hansen"})
    assert data_subject_of({"firstname": "Mette"}, "DK").names == set()
