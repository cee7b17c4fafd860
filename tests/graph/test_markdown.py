"""Values inside Markdown: the strings that a renderer would take for something else."""

import pytest

from graph.markdown import literal


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("mette_hansen@nordlys.example", "mette_hansen@nordlys.example"),
        ("+45 22 33 44 55", "+45 22 33 44 55"),
        ("+ 45", r"\+ 45"),
        ("2. juni", r"2\. juni"),
        ("Nordlys A/S, kl. 10:30", "Nordlys A/S, kl. 10:30"),
        ("R&D", r"R\&D"),
    ],
)
def test_ordinary_values_stay_readable(value: str, markdown: str) -> None:
    """Emails, phone numbers and company names are escaped no more than they must be."""
    assert literal(value) == markdown


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("**fed** _x_ `kode` ~nej~", r"\*\*fed\*\* \_x\_ \`kode\` \~nej\~"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)\>"),
        ("a|b", r"a\|b"),
        ("back\\slash", r"back\\slash"),
        ("&lt;b&gt; &#60;", r"\&lt;b\&gt; \&#60;"),
        ("[tekst](javascript:alert(1))", r"\[tekst\](javascript\:alert(1))"),
        (":::warning", r"\:\:\:warning"),
        ("# titel", r"\# titel"),
        ("> citat", r"\> citat"),
        ("- punkt", r"\- punkt"),
        ("1. punkt", r"1\. punkt"),
    ],
)
def test_markup_is_shown_and_not_obeyed(value: str, markdown: str) -> None:
    """What Markdown, HTML or Chainlit's directives would obey is escaped."""
    assert literal(value) == markdown


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("![x](http://evil.example/p.png?d=1)", "`![x](http://evil.example/p.png?d=1)`"),
        ("se www.evil.example nu", "se `www.evil.example` nu"),
        ("HTTPS://EVIL.EXAMPLE", "`HTTPS://EVIL.EXAMPLE`"),
        ("https://evil.example/a|b", r"`https://evil.example/a`\|`b`"),
        ("https://evil.example/`x", "``https://evil.example/`x``"),
        ("`https://evil.example`", "`` `https://evil.example` ``"),
    ],
)
def test_an_address_stands_in_a_code_span(value: str, markdown: str) -> None:
    """A web address becomes neither a link nor an image, also with bars and backticks in it."""
    assert literal(value) == markdown


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("en\nto\r\ntre\tfire\x00fem", "en to tre fire fem"),
        ("  rum \u2028 linje  ", "rum linje"),
        ("a\u202eb\u200bc", "a\ufffdb\ufffdc"),
        ("👩\u200d👩", "👩\u200d👩"),
        (42, "42"),
    ],
)
def test_one_line_with_nothing_hidden(value: object, markdown: str) -> None:
    """Line breaks flatten, characters that hide become visible, and joined emoji stay whole."""
    assert literal(value) == markdown
