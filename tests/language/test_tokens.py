"""What is found in a text, and where: addresses, phone numbers, dates, amounts, words and signs."""

import pytest

from language.numbers import amounts, digit_runs, extension, grouped_phones
from language.tokens import MAX_LENGTH, addresses, clean_message, dates, is_email, phones, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text, "DK")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail til per@nordlys.example.", [("email", "per@nordlys.example")]),
        ("<mailto:per@nordlys.example>", [("email", "per@nordlys.example")]),
        ("mail:per@nordlys.example, web=https://nordlys.example/om", [("email", "per@nordlys.example")]),
        ("alle på @nordlys.example", [("domain", "@nordlys.example")]),
        ("se https://nordlys.example/om?a=1!", [("url", "https://nordlys.example/om?a=1")]),
        ("www.nordlys.example: godt", [("url", "www.nordlys.example")]),
        ("https://nordlys.example/@per", [("url", "https://nordlys.example/@per")]),
        ("de hedder nordlys.example/om og A/S.", [("site", "nordlys.example/om")]),
        ("hos @ eller @@", []),
        (f"{'a' * 400}@nordlys.example", []),
    ],
)
def test_addresses(text: str, found: list[tuple[str, str]]) -> None:
    """An email, a domain or a web address is found without what people write against it, and at its place."""
    tokens = list(addresses(text))
    assert [(token.kind, token.text) for token in tokens] == found
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ring på 22 33 44 55 i dag", ["22 33 44 55"]),
        ("+45 22334455 eller (22) 33 44 55", ["+45 22334455", "(22) 33 44 55"]),
        ("22 33 44 55 lokal 12", ["22 33 44 55"]),
        ("0046 70 123 45 67", ["0046 70 123 45 67"]),
        ("mødet er 3/5-2026", []),
        ("2026-05-03", []),
        ("ordre 12345", []),
        ("A22334455", []),
    ],
)
def test_phone_numbers(text: str, found: list[str]) -> None:
    """A phone number is found in any groups and at its place; a date, a short number and a part of a word are none."""
    tokens = list(phones(text, "DK"))
    assert [token.text for token in tokens] == found
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("omsætningen er 1.234.567 kr", ["1.234.567"]),
        ("2,5 mio. om året", ["2,5 mio"]),
        ("kr5000", ["5000"]),
        ("A4000", []),
        ("-5000 og 2020-2025", ["-5000", "2020", "2025"]),
        ("1 234 567", ["1 234 567"]),
        ("12 34", ["12", "34", "12 34"]),
    ],
)
def test_amounts(text: str, found: list[str]) -> None:
    """A number is found as a whole with the word that multiplies it; numbers side by side also as one."""
    said = list(amounts(text))
    assert [amount.text for amount in said] == found
    assert all(amount.text.startswith(text[amount.start : amount.end]) for amount in said)


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("luk den 3. maj 2026, tak", "3. maj 2026"),
        ("luk den  3. maj\n2026", "den 3. maj 2026"),
        ("i morgen!", "i morgen"),
        ("(3/5-26)", "3/5-26"),
    ],
)
def test_dates(text: str, stretch: str) -> None:
    """Among the stretches that may be a date is the one that the user meant, at its place."""
    (token,) = [token for token in dates(text) if token.text == stretch]
    assert " ".join(text[token.start : token.end].split()) == stretch


def test_no_date_in_plain_words() -> None:
    """A stretch with neither a year nor a word that may be a day is no date."""
    assert [token.text for token in dates("a 1 b")] == []


def test_numbers_in_groups() -> None:
    """A run of digits goes on over grouping signs and ends at a word or a plus; an extension follows its number."""
    assert [[group[0] for group in run] for run in digit_runs("22-33 44 og +45 12")] == [
        ["22", "33", "44"],
        ["45", "12"],
    ]
    assert list(grouped_phones("ring 22 33 44 55")) == [(5, 16)]
    assert list(grouped_phones("1 2 3")) == []
    assert (extension("22334455 lok. 12", 8), extension("22334455 og 12", 8)) == ("12", None)


def test_a_sentence_becomes_tokens() -> None:
    """Emails and phone numbers are whole tokens among words, signs and breaks; a genitive behind an email goes."""
    assert kinds("Ret per@nordlys.example's telefon\ntil 22 33 44 55, tak!") == [
        ("word", "Ret"),
        ("email", "per@nordlys.example"),
        ("word", "telefon"),
        ("break", "\n"),
        ("word", "til"),
        ("phone", "22 33 44 55"),
        ("sign", ","),
        ("word", "tak"),
        ("sign", "!"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2,5 og 1.234,50", ["2,5", "og", "1.234,50"]),
        ("1,2,3", ["1", ",", "2", ",", "3"]),
        ("Anne-Marie O'Brien, A/S", ["Anne-Marie", "O'Brien", ",", "A/S"]),
        ("hr. nordlys.example", ["hr", ".", "nordlys.example"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """A number with decimals, a double name and a legal form are one word; a list of numbers is not."""
    assert [token.text for token in tokenize(text, "DK")] == words


def test_which_tokens_are_glued() -> None:
    """A token knows whether it stands directly behind the one before it."""
    assert [(token.text, token.glued) for token in tokenize("tlf: 5,", "DK")] == [
        ("tlf", False),
        (":", True),
        ("5", False),
        (",", True),
    ]


def test_a_text_is_cleaned() -> None:
    """Control and direction characters go, line breaks stay, and a very long text is cut."""
    assert clean_message(" a\u202eb\x00c\r\nd ") == "ab c\nd"
    assert len(clean_message("a" * (MAX_LENGTH + 1))) == MAX_LENGTH


def test_the_syntax_of_an_email() -> None:
    """Reserved domains are accepted, and no other text passes for an email."""
    assert is_email("per@nordlys.example")
    assert not any(map(is_email, ("per@", "per", "@nordlys.example", "a b@nordlys.example")))
