"""Values inside Markdown: the strings that a renderer would take for something else."""

from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from graph.markdown import literal, unlinked


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


WHOLE = ["[text](https://evil.example)", "![x](https://evil.example)", "[text][a]", "[a]", "[a]: https://evil.example"]
PARTS = [
    "\\",
    "[",
    "]",
    "(",
    "](https://evil.example)",
    "!",
    "`",
    "\n",
    "\n\n",
    " ",
    "*",
    "<",
    ">",
    "|",
    "^",
    "~~~",
    "1. ",
]
ADDRESSES = ["https://evil.example/p", "<https://evil.example>", "<a href='x'>"]
PARSERS = [MarkdownIt("commonmark", {"html": html}).enable("table") for html in (True, False)]
MIXED = st.lists(st.sampled_from(["\\"] * 5 + WHOLE * 2 + PARTS + ADDRESSES), max_size=12)
RUN = settings(max_examples=1_000, derandomize=True, deadline=None, database=None)


def hidden(markdown: str) -> list[str]:
    """The images, and the links whose text is not their address, that a CommonMark renderer makes of it."""
    found = []
    for block in (block for parser in PARSERS for block in parser.parse(markdown)):
        parts = block.children or []
        found += [str(part.attrs["src"]) for part in parts if part.type == "image"]
        for part, shown in pairwise(parts):
            if part.type == "link_open" and unquote(str(part.attrs["href"])) != unquote(shown.content):
                found.append(str(part.attrs["href"]))
    return found


def test_the_renderer_sees_what_hides() -> None:
    """The test's renderer finds the links and images that are to be taken out, also behind two backslashes."""
    links = [
        "[a](https://e.example)",
        r"\\[a](https://e.example)",
        "[a]\n\n[a]: https://e.example",
        "![](https://e.example)",
    ]
    assert [len(hidden(link)) for link in links] == [2] * len(links)
    assert hidden("<https://e.example/[a](b)>") == hidden(r"\[a](https://e.example)") == []


@pytest.mark.parametrize("backslashes", range(6))
def test_no_link_of_a_model_hides_its_target(backslashes: int) -> None:
    """However many backslashes stand before a link or an image, its address is seen; what is escaped stays as it is."""
    link = "\\" * backslashes + "[tekst](https://evil.example)"
    assert hidden(unlinked(link)) == hidden(unlinked(f"!{link}")) == []
    assert (unlinked(link) == link) == (backslashes % 2 == 1)


@RUN
@given(MIXED)
def test_no_mixture_hides_a_target(parts: list[str]) -> None:
    """Whatever brackets, backslashes, addresses and other markup are mixed: no image, and no link that hides."""
    assert hidden(unlinked("".join(parts))) == []


@RUN
@given(MIXED)
def test_pieces_come_to_the_same(parts: list[str]) -> None:
    """A reply that is streamed in pieces, cut anywhere, is shown as the whole of it is."""
    shown = ""
    for part in parts:
        shown += unlinked(part, shown)
    assert shown == unlinked("".join(parts))
