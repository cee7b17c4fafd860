"""Text of unknown origin inside Markdown: shown literally, never as formatting, a link or an image."""

import re
import unicodedata

_SPECIAL = re.compile(r"[\\`*\[\]<>|~#!$&{}]|(?<![^\W_])_|_(?![^\W_])")
_ENUMERATION = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])")


def literal(text: str) -> str:
    """The text for a Markdown document, on one line, so that a reader sees its very characters.

    Underscores inside words stay as they are. A web address may become a link, which names its own target.
    """
    line = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf") or c.isspace() or c in "\u200c\u200d")
    escaped = _SPECIAL.sub(lambda m: "\\" + m[0], " ".join(line.split()))
    return _ENUMERATION.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)
