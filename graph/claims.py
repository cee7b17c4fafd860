"""What a language model says of writes: it knows of none, so its words must not be read as a result.

Only code tells what was written. Which words can be read so is data (``claims.toml``), in both languages at once.
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
    """The text unchanged, or quoted below the sentence where it can be read as saying that something was written."""
    return f"{sentence}\n\n{quoted(text)}" if claims(text) else text


def claims(text: str) -> bool:
    """Whether the Markdown, as a person sees it, can be read as saying that something was written."""
    signs, words = _data()
    plain = html.unescape(text)
    # markup inside a word is not shown; between two words it may be all that separates them
    read = [_folded(_MARKUP.sub(actor, plain)) for actor in ("", " ")]
    drawn = _TABLE.search(text) is not None  # as a card is
    return drawn or bool(signs & set(plain)) or any(_MIXED.search(part) or words.search(part) for part in read)


def quoted(text: str) -> str:
    """The Markdown as a quotation, with every line inside it."""
    return "> " + within(text.replace("\r\n", "\n"))


def within(text: str) -> str:
    """More Markdown for a quotation that has begun."""
    return re.sub(r"\r\n?|\n", "\n> ", text)


def _folded(text: str) -> str:
    """Lower case, without accents and what cannot be seen, one space between words."""
    parts = unicodedata.normalize("NFKD", text)
    seen = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
    return " ".join(_LETTERS.findall(seen.casefold()))


@cache
def _data() -> tuple[frozenset[str], re.Pattern[str]]:
    data = tomllib.loads(Path(__file__).with_name("claims.toml").read_text("utf-8"))
    words = sorted({_folded(words) for language in ("da", "en") for words in data[language]})
    return frozenset(data["signs"]), re.compile(rf"\b(?:{'|'.join(words)})\b")
