"""Shows text of unknown origin literally inside Markdown."""

import re
import unicodedata

# ":name" is markup to Chainlit (a directive), which drops what it does not know
_SPECIAL = re.compile(r"[\\`*\[\]<>|~]|&(?=[#\w])|:(?=[:A-Za-z])|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(\d{0,9})([#+=.)-])(?=[#=-]*(?:\s|$))")
# a plain address is made a link after escapes are resolved, so only a code span stops it
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
_BRACKET = re.compile(r"(\\*)\[")


def literal(text: object) -> str:
    """Return ``text`` on one line as inline Markdown without markup, images and links.

    Line breaks and control characters become spaces. Invisible characters, such as those that change the direction of
    writing, become a visible replacement character.
    """
    words = "".join(_visible(character) for character in str(text)).split()
    line = " ".join(_code(word) if _ADDRESS.search(word) else _SPECIAL.sub(r"\\\g<0>", word) for word in words)
    return _AT_START.sub(r"\1\\\2", line)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "\ufffd" if category in ("Cf", "Cs", "Co") and character not in _JOINERS else character


def _code(word: str) -> str:
    # inside a code span a bar would still end a table cell
    return r"\|".join(_span(part) for part in word.split("|"))


def _span(text: str) -> str:
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def unlinked(text: str, before: str = "") -> str:
    """Return a model's Markdown without images, and without links that hide where they lead.

    ``before``: the text already shown, where the text comes in pieces. A bracket is inert after an odd number of
    backslashes; an even number are backslashes that escape each other.
    """
    held = len(before) - len(before.rstrip("\\"))
    whole = "\\" * held + text
    return _BRACKET.sub(_escaped, whole)[held:]


def _escaped(found: re.Match[str]) -> str:
    return found[0] if len(found[1]) % 2 else rf"{found[1]}\["
