"""Text of unknown origin inside Markdown, shown as it is."""

import re
import unicodedata

# remark-directive takes ":name" for markup, and drops what it does not know
_SPECIAL = re.compile(r"[\\`*\[\]<>|~]|&(?=[#\w])|:(?=[:A-Za-z])|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(?:[#+=-]|\d{1,9}(?=[.)]))")
# links are made of plain addresses after the escapes are gone: only a code span stops that
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_JOINERS = "\u200c\u200d"


def literal(text: object) -> str:
    """``text`` on one line as inline Markdown: no markup, no link and no image comes of it.

    Line breaks and control characters become spaces; characters that cannot be seen (such as those
    that turn the direction of writing) become a visible replacement character.
    """
    words = "".join(_visible(character) for character in str(text)).split()
    line = " ".join(_code(word) if _ADDRESS.search(word) else _SPECIAL.sub(r"\\\g<0>", word) for word in words)
    return _AT_START.sub(_escape_first, line)


def _escape_first(match: re.Match[str]) -> str:
    found = match[0]
    return f"\\{found}" if not found[0].isdigit() else f"{found}\\"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "\ufffd" if category[0] == "C" and character not in _JOINERS else character


def _code(word: str) -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", word)), default=0) + 1)
    pad = " " if word.startswith("`") or word.endswith("`") else ""
    # a table cell ends at a bar even in a code span, unless it is escaped; elsewhere the backslash would show
    return f"{fence}{pad}{word.replace('|', '%7C')}{pad}{fence}"
