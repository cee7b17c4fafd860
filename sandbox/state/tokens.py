"""How text is matched: the tokens of a value, and the trigrams by which the index finds candidates for a search."""

import re
from functools import lru_cache

WORD = re.compile(r"\w+")
GRAM = 3


def has_token(folded: str, wanted: str) -> bool:
    """Whether a value contains the token: whole words only, unless `*` stands for any characters (documented)."""
    wanted = wanted.strip().lower()
    if "*" not in wanted:
        words = set(WORD.findall(folded)) | set(folded.split())
        parts = [wanted] if wanted in words else WORD.findall(wanted)
        return bool(parts) and all(part in words for part in parts)
    pattern = _pattern(wanted)
    return any(pattern.fullmatch(item) for item in (folded, *folded.split(), *WORD.findall(folded)))


def parts_of(wanted: str) -> list[str]:
    """What every value that `has_token` accepts must contain."""
    wanted = wanted.strip().lower()
    return wanted.split("*") if "*" in wanted else WORD.findall(wanted) or [wanted]


def match(column: str, parts: list[str]) -> str | None:
    """A full-text expression that holds wherever all the parts are contained; None where none is long enough.

    It may also hold elsewhere: only as many trigrams are asked for as cover a part. A trigram with a NUL is
    left out, because that would end the expression.
    """
    grams = dict.fromkeys(part[at : at + GRAM] for part in parts for at in _starts(len(part)))
    quoted = ['"' + gram.replace('"', '""') + '"' for gram in grams if "\0" not in gram]
    return f"{column} : ({' AND '.join(quoted)})" if quoted else None


def _starts(length: int) -> list[int]:
    last = length - GRAM
    return [] if last < 0 else [*range(0, last, GRAM), last]


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)
