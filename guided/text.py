"""Text into tokens: words, signs, and whole emails, phone numbers and web addresses."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.domain import fold

LONGEST = 8_000
# a comma belongs to a number (2,5 and 1.234,50 and 1,234,567), but not to a list (1,2,3)
_WORD = re.compile(
    r"\n|(?<![\w,])\d{1,3}(?:[.,]\d{3})*,\d{1,3}(?!\w|,\d)|(?<![\w,])\d{1,3}(?:,\d{3})+\.\d+(?!\w|,\d)"
    r"|\w+(?:['’.\-/&+@]\w+)*|[^\w\s]"
)
_CHUNK = re.compile(r"[^\s<>()\[\]{},;\"“”«»|]+")
_DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}")
_EDGES = ".:!?'’*_`-"
_DIGITS = re.compile(r"(?<![\w@])[+(]{0,2}\d[\d +().\-/]{4,60}\d(?: ?(?:ext|x|lok)\.? ?\d{1,5})?(?!\w)")
_GENITIVE = re.compile(r"['’]s\b")
_SMALLEST_PHONE = 6
_LIKE_PHONE = 7
_MOST_PHONES = 60


@dataclass(frozen=True)
class Token:
    """A stretch of the text. ``kind`` is word, sign, break, email, domain, phone or url."""

    kind: str
    text: str
    start: int
    end: int
    glued: bool = field(default=False, compare=False)  # nothing stands between this and the token before

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def clean(text: str) -> str:
    """The text without control and direction characters, composed, at most 8,000 characters long."""
    kept = []
    for character in unicodedata.normalize("NFC", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")):
        category = unicodedata.category(character)
        if character == "\n" or category[0] != "C":
            kept.append(character)
        elif category != "Cf":
            kept.append(" ")
    return "".join(kept).strip()[:LONGEST]


def is_email(text: str) -> bool:
    """Whether the syntax of an email address is right; reserved domains such as ``.example`` are accepted."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True, globally_deliverable=False)
    except (EmailNotValidError, ValueError):
        return False
    return True


def _addresses(text: str) -> list[Token]:
    found = []
    for chunk in _CHUNK.finditer(text):
        raw = chunk.group()
        if len(raw) > 320:
            continue
        lowered = raw.lower()
        if "@" in raw:
            lead = raw.lower().find("mailto:")
            body = raw[lead + 7 :] if lead >= 0 else raw
            if ":" in body and body.index(":") < body.index("@"):
                body = body[body.rindex(":", 0, body.index("@")) + 1 :]
            if "=" in body and body.index("=") < body.index("@"):
                body = body[body.index("=") + 1 :]
            body = re.sub(rf"{_GENITIVE.pattern}$", "", body.rstrip(_EDGES)).lstrip("'’*`:")
            if body.count("@") and body.strip("@"):
                start = chunk.start() + raw.index(body)
                kind = "domain" if body.startswith("@") else "email"
                found.append(Token(kind, body, start, start + len(body)))
        elif lowered.startswith(("http://", "https://", "www.")):
            body = raw.rstrip(_EDGES)
            found.append(Token("url", body, chunk.start(), chunk.start() + len(body)))
    return found


def _phones(text: str, region: str) -> list[Token]:
    # The matcher is slow on long runs of digits, so it sees one short run at a time.
    found = []
    for run in islice(_DIGITS.finditer(text), _MOST_PHONES):
        matcher = phonenumbers.PhoneNumberMatcher(run.group(), region, phonenumbers.Leniency.POSSIBLE, max_tries=8)
        matches = [(match.start, match.raw_string) for match in matcher]
        if not matches and _LIKE_PHONE <= sum(c.isdigit() for c in run.group()) <= 17:
            matches = [(0, run.group())]  # not a number of this region: the tool says what is wrong with it
        for at, text_of in matches:
            raw = text_of.rstrip()
            digits = sum(c.isdigit() for c in raw)
            if digits >= _SMALLEST_PHONE and "\n" not in raw and not _DATE.fullmatch(raw.strip()):
                start = run.start() + at
                found.append(Token("phone", raw, start, start + len(raw)))
    return found


def tokens(text: str, region: str) -> list[Token]:
    """The tokens of a cleaned text, from left to right; ``region`` is that of numbers without a country code."""
    whole = _addresses(text)
    masked = text
    for token in whole:
        masked = masked[: token.start] + "@" * (token.end - token.start) + masked[token.end :]
    whole = sorted([*whole, *_phones(masked, region)], key=lambda t: t.start)
    found: list[Token] = []
    at = 0
    last: list[Token | None] = [None]
    for following in [*whole, *last]:
        stop = following.start if following else len(text)
        for match in _WORD.finditer(text, at, stop):
            kind = "break" if match.group() == "\n" else "word" if match.group()[0].isalnum() else "sign"
            if match.group()[0] == "_":
                kind = "word"
            glued = bool(found) and found[-1].end == match.start()
            found.append(Token(kind, match.group(), match.start(), match.end(), glued))
        if following:
            found.append(following)
            genitive = _GENITIVE.match(text, following.end) if following.kind == "email" else None
            at = genitive.end() if genitive else following.end
    return found
