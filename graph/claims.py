"""Finds words of a language model that could be read as saying that something was written.

Only code knows what was written. The patterns are data (``claims.toml``) and cover both languages at once.
"""

import html
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

_MARKUP = re.compile(r"<[^<>]*>|[*_~`\\]")
_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}.*\|", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]+")
# letters of one script that pass for those of another
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")


def marked(text: str, sentence: str) -> str:
    """Return the text, quoted below the sentence where it could be read as saying that something was written."""
    return f"{sentence}\n\n{quoted(text)}" if claims(text) else text


def claims(text: str) -> bool:
    """Whether the Markdown, as a person sees it, could be read as saying that something was written."""
    signs, words = _data()
    plain = html.unescape(text)
    # markup inside a word is not shown; between two words it may be all that separates them
    read = [_folded(_MARKUP.sub(actor, plain)) for actor in ("", " ")]
    drawn = _TABLE.search(text) is not None  # as a card is
    return drawn or bool(signs & set(plain)) or any(_MIXED.search(part) or words.search(part) for part in read)


def quoted(text: str) -> str:
    """Return the Markdown as a quotation: every line begins with the mark of one."""
    return "> " + within(text.replace("\r\n", "\n"))


def within(text: str) -> str:
    """Return more Markdown as part of a quotation that has already begun."""
    return re.sub(r"\r\n?|\n", "\n> ", text)


def _folded(text: str) -> str:
    """Lower the case, drop accents and invisible characters, and leave one space between words."""
    parts = unicodedata.normalize("NFKD", text)
    seen = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
    return " ".join(_LETTERS.findall(seen.casefold()))


@cache
def _data() -> tuple[frozenset[str], re.Pattern[str]]:
    data = tomllib.loads(Path(__file__).with_name("claims.toml").read_text("utf-8"))
    words = sorted({_folded(words) for language in ("da", "en") for words in data[language]})
    return frozenset(data["signs"]), re.compile(rf"\b(?:{'|'.join(words)})\b")
