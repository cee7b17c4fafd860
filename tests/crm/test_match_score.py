"""How likely two records are one person: what holds for any names, and a table of cases."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.domain.names import key, safe_part, variants, words
from crm.matching.features import features_of
from crm.matching.match_score import ASK, compare, word_similarity

FIRST = ("Mette", "Jens", "Søren", "Camilla", "Frederik", "Birgitte", "Åse", "Kirsten", "Thomas", "Louise", "Wojciech")
LAST = ("Hansen", "Østergaard", "Knudsen", "Friis", "Bruun", "Schmidt", "Żółkiewski", "Lund", "Kjær", "O'Neil")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
names = st.text(st.sampled_from(LETTERS + "æøåéü"), min_size=4, max_size=12)
slips = st.tuples(st.sampled_from(("drop", "double", "change", "swap")), st.integers(0, 30), st.sampled_from(LETTERS))
maybe = st.one_of(st.none(), names)
records = st.fixed_dictionaries(
    {
        "firstname": maybe,
        "lastname": maybe,
        "company": maybe,
        "email": st.sampled_from((None, "mette.hansen@nordlys.example", "mh@nordlys.example", "info@fjordbyg.example")),
        "phone": st.sampled_from((None, "+4522334455", "22 33 44 56")),
        "city": maybe,
        "date_of_birth": st.sampled_from((None, "1980-05-17", "1980-07-15", "17.5.1980")),
    }
)
named_records = st.builds(
    lambda values, first, last: values | {"firstname": first, "lastname": last}, records, names, names
)


def slipped(word: str, slip: tuple[str, int, str]) -> str:
    """The word with one slip of the keyboard."""
    kind, at, letter = slip
    i = at % len(word)
    if kind == "drop":
        return word[:i] + word[i + 1 :]
    if kind == "double":
        return word[:i] + letter + word[i:]
    if kind == "change":
        return word[:i] + letter + word[i + 1 :]
    i = min(i, len(word) - 2)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def score(one: dict, other: dict) -> float:
    return compare(features_of(one, "DK"), features_of(other, "DK")).score


@given(records, records)
def test_likeness_is_symmetric(one: dict, other: dict) -> None:
    """Which of two records is asked about makes no difference to the score or the reasons."""
    a, b = features_of(one, "DK"), features_of(other, "DK")
    assert compare(a, b) == compare(b, a)


@given(named_records)
def test_nothing_is_more_alike_than_the_same(one: dict) -> None:
    """A record with first and last name scores higher against itself than with any of its values changed."""
    same = score(one, one)
    assert same > 0.85
    assert all(score(one, {**one, name: "Aldeles Andet"}) <= same for name in ("firstname", "lastname", "company"))


@given(names, names)
def test_words_are_wholly_alike_only_when_equal(one: str, other: str) -> None:
    """Equal words score 1, any others less, and in either order the same."""
    assert word_similarity(one, one) == 1.0
    assert word_similarity(one, other) == word_similarity(other, one)
    assert (word_similarity(one, other) == 1.0) == (one == other)


@given(st.sampled_from(FIRST), st.sampled_from(LAST), st.data())
def test_another_spelling_is_the_same_name(first: str, last: str, data: st.DataObject) -> None:
    """However æ, ø, å, accents and capitals are written, it is the same name."""
    respelled = {"firstname": data.draw(st.sampled_from(variants(first)[:20])).upper(), "lastname": last.casefold()}
    found = compare(features_of({"firstname": first, "lastname": last}, "DK"), features_of(respelled, "DK"))
    assert (found.why, found.score > ASK) == (("same_name",), True)


@given(names, names, slips, st.booleans())
def test_one_slip_is_still_asked_about(first: str, last: str, slip: tuple[str, int, str], in_last: bool) -> None:
    """A name of four letters and more with one slip of the keyboard stays above the threshold of a question."""
    assume(len(key(first)) >= 4 and len(key(last)) >= 4)
    one = {"firstname": key(first), "lastname": key(last)}
    name = "lastname" if in_last else "firstname"
    wrong = slipped(one[name], slip)
    assume(key(wrong) == wrong)  # a slip that makes or parts an "ae" is two letters of the folded name
    assert score(one, {**one, name: wrong}) >= ASK


@given(st.permutations(FIRST), st.permutations(LAST))
def test_different_people_are_not_asked_about(first: list[str], last: list[str]) -> None:
    """Two people of different names are below the threshold, also where one of the names is the same."""
    one, other = ({"firstname": first[i], "lastname": last[i]} for i in (0, 1))
    assert score(one, other) < ASK
    assert score(one, {**other, "firstname": first[0]}) < ASK
    assert score(one, {**other, "lastname": last[0]}) < ASK


def test_colleagues_of_one_surname_are_not_asked_about() -> None:
    """Addresses of one company that differ by the first names in them are no slip of the keyboard."""
    one = {"firstname": "Bo", "lastname": "Hansen", "email": "bo.hansen@nordlys.example"}
    assert score(one, {"firstname": "Per", "lastname": "Hansen", "email": "per.hansen@nordlys.example"}) < ASK
    assert score(one, {"firstname": "Bo", "lastname": "Hansen", "email": "bo.hanssen@nordlys.example"}) > ASK


METTE = {
    "firstname": "Mette", "lastname": "Hansen", "email": "mette.hansen@nordlys.example",
    "phone": "+4522334455", "company": "Nordlys Design A/S",
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "asked", "code"),
    [
        ({"firstname": "Hansen", "lastname": "Mette"}, True, "similar_name"),
        ({"firstname": "Mette Hansen"}, True, "same_name"),
        ({"firstname": "Mette Marie", "lastname": "Hansen"}, True, "similar_name"),
        ({"firstname": "Mette", "lastname": "Marie Hansen"}, True, "similar_name"),
        ({"firstname": "M.", "lastname": "Hansen", "company": "Nordlys"}, True, "similar_name"),
        ({"firstname": "METTE", "lastname": "HANSEN", "email": "mh@fjordbyg.example", "phone": "+4520001234",
          "company": "Fjordbyg"}, True, "same_name"),
        ({"firstname": "Mete", "lastname": "Hansen", "email": "mh@fjordbyg.example", "phone": "+4520001234",
          "company": "Fjordbyg"}, False, None),
        ({"firstname": "Mette", "lastname": "Larsen", "phone": "22 33 44 55"}, True, "same_phone"),
        ({"firstname": "Poul", "lastname": "Friis", "phone": "22334455", "company": "Nordlys"}, False, None),
        ({"phone": "0045 22 33 44 55"}, True, "same_phone"),
        ({"email": "mette.hansen@privat.example"}, True, "same_email_name"),
        ({"lastname": "Hansen", "company": "Fjordbyg"}, False, None),
    ],
)  # fmt: skip
def test_what_is_asked_about(other: dict, asked: bool, code: str | None) -> None:
    """A table of look-alikes of one contact: whether a question is worth it, and its reason."""
    found = compare(features_of(METTE, "DK"), features_of(other, "DK"))
    assert (found.score >= ASK) is asked, found
    assert code is None or code in found.why


def test_a_difference_lowers_the_score() -> None:
    """The same very common name with another email, number and company is asked about, with a lower score."""
    name = {"firstname": "Mette", "lastname": "Hansen"}
    other = {**name, "email": "mh@fjordbyg.example", "phone": "+4520001234", "company": "Fjordbyg"}
    assert ASK <= score(METTE, other) < score(METTE, name)


@pytest.mark.parametrize("born", ["17/5-1980", "17.05.1980", "1980/5/17", "1980-05-17T00:00:00Z", "17. maj 1980"])
def test_a_birthday_in_another_notation_does_not_tell_people_apart(born: str) -> None:
    """HubSpot's date of birth is plain text: one day in two notations speaks for one person, or for nothing."""
    known = {**METTE, "date_of_birth": "1980-05-17"}
    assert score(known, {**METTE, "date_of_birth": born}) >= score(known, METTE)
    assert score(known, {**METTE, "date_of_birth": "18/6-1979"}) < score(known, METTE)


def test_addresses_of_one_company_are_told_apart() -> None:
    """Two short or numbered addresses at one domain speak against one person, a slip in a long one for it."""
    who = {"firstname": "Mette", "lastname": "Hansen"}
    for one, other in (
        ("mh@nordlys.example", "mb@nordlys.example"),
        ("salg1@nordlys.example", "salg2@nordlys.example"),
    ):
        assert score({**who, "email": one}, {**who, "email": other}) < score(who, who)
    near = score({"email": "mette.hansen@nordlys.example"}, {"email": "mete.hansen@nordlys.example"})
    assert near > ASK


def test_senior_and_junior_are_two() -> None:
    """A father and son who are called the same are told apart by what stands behind their names."""
    father, son = ({"firstname": "Robert", "lastname": f"Smith {part}"} for part in ("Sr.", "Jr."))
    assert score(father, son) < ASK <= score(father, {"firstname": "Robert", "lastname": "Smith"})


@pytest.mark.parametrize(
    ("word", "part"),
    [("hansen", "hansen"), ("jørgensen", "*rgensen"), ("østergaard", "*sterg*"), ("møller", "*ller"), ("åå", "")],
)
def test_the_part_that_every_spelling_shares(word: str, part: str) -> None:
    """The pattern leaves out letters that people spell in several ways."""
    assert safe_part(word) == part


@given(st.sampled_from(FIRST + LAST))
def test_every_variant_folds_to_the_same(word: str) -> None:
    """All spellings that are searched for have one key, and there are few enough for one filter."""
    assert {key(other) for other in variants(word)} == {key(word)}
    assert len(variants(word)) <= 50
    assert words(word) == (key(word),)
