"""Splits a text into tokens: words, signs, and whole email addresses, phone numbers and web addresses.

Each kind has a finder of its own, which yields tokens with their places in the text; ``tokenize`` puts them together.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.domain import fold

MAX_LENGTH = 8_000
# a comma belongs to a number (2,5 and 1.234,50 and 1,234,567), but not to a list (1,2,3)
_WORD = re.compile(
    r"\n|(?<![\w,])\d{1,3}(?:[.,]\d{3})*,\d{1,3}(?!\w|,\d)|(?<![\w,])\d{1,3}(?:,\d{3})+\.\d+(?!\w|,\d)"
    r"|\w+(?:['’.\-/&+@]\w+)*|[^\w\s]"
)
_UNBROKEN = re.compile(r"[^\s<>()\[\]{},;\"“”«»|]+")
# as chats and mail programs paste an address: "[a@b.dk](mailto:a@b.dk)", "<mailto:a@b.dk|a@b.dk>"
_LINK = re.compile(r"\[([^\]\n]+)\]\((?:mailto:|https?://)[^)\s]*\)|<(?:mailto:|https?://)[^|>\s]*\|([^>\n]+)>")
_MAILTO = re.compile(r"\bmailto:(?=[^\s@]+@)")
_EDGES = ".:!?'’*_`-"
_GENITIVE = re.compile(r"['’]s\b")
_URL = re.compile(r"(?:https?://|www\.).*", re.IGNORECASE | re.DOTALL)
_SITE = re.compile(r"\w+://\S+|(?:[\w-]+\.)+[^\W\d_]{2,}(?:[/:?#]\S*)?")
_LONGEST_EMAIL, _LONGEST_URL = 320, 2_000

_DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}")
_DIGITS = re.compile(r"(?<![\w@])[+(]{0,2}\d[\d +().\-/]{4,60}\d(?: ?(?:ext|x|lok)\.? ?\d{1,5})?(?!\w)")
_MIN_PHONE_DIGITS = 6
_FOREIGN_PHONE_DIGITS = range(7, 18)  # of a number that is not valid in the region
_MAX_PHONES = 60

_ENDS_A_DATE = re.compile(r"\d{4}|\d\d$|^\D{4,12}$")  # a year, or a day by its word: "i morgen"
_AROUND_A_DATE = " .,;:!?()\"'»«“”"
_DATE_WORDS = 6  # "den 3. maj 2026 kl. 14:30"


@dataclass(frozen=True)
class Token:
    """A stretch of a text: ``start`` and ``end`` are its place.

    ``kind``: word, sign, break, email, domain (``@nordlys.dk``), phone, url; from single finders also site (a bare
    ``nordlys.dk``) and date.
    """

    kind: str
    text: str
    start: int
    end: int
    glued: bool = field(default=False, compare=False)  # no space stands between this token and the one before

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def clean_message(text: str) -> str:
    """The text in composed characters, without control and direction characters, at most 8,000 characters long."""
    kept = []
    for character in unicodedata.normalize("NFC", text[:MAX_LENGTH].replace("\r\n", "\n").replace("\r", "\n")):
        category = unicodedata.category(character)
        if character in "\n\t" or category[0] != "C":
            kept.append(character)
        elif category != "Cf":
            kept.append(" ")
    plain = _LINK.sub(lambda link: link[1] or link[2], "".join(kept))
    return _MAILTO.sub("", plain).strip()[:MAX_LENGTH]


def tokenize(text: str, region: str) -> list[Token]:
    """The tokens of a cleaned text, from left to right; phone numbers without a country code are of ``region``."""
    whole = [token for token in addresses(text) if token.kind != "site"]
    masked = text
    for token in whole:
        masked = masked[: token.start] + "@" * (token.end - token.start) + masked[token.end :]
    found: list[Token] = []
    at, end = 0, -1
    for token in sorted([*whole, *phones(masked, region)], key=lambda t: t.start):
        found += [*_words(text, at, token.start, end), token]
        genitive = _GENITIVE.match(text, token.end) if token.kind == "email" else None
        at, end = genitive.end() if genitive else token.end, token.end
    return [*found, *_words(text, at, len(text), end)]


def _words(text: str, start: int, stop: int, end: int) -> Iterator[Token]:
    """The words and signs of a part of the text; ``end`` is where the token before it ends."""
    for match in _WORD.finditer(text, start, stop):
        word = match.group()
        kind = "break" if word == "\n" else "word" if word[0].isalnum() or word[0] == "_" else "sign"
        yield Token(kind, word, match.start(), match.end(), match.start() == end)
        end = match.end()


def is_email(text: str) -> bool:
    """Whether the text has the syntax of an email address; reserved domains such as ``.example`` are accepted."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True, globally_deliverable=False)
    except (EmailNotValidError, ValueError):
        return False
    return True


def addresses(text: str) -> Iterator[Token]:
    """The email addresses (also without a right syntax), domains behind an @, URLs and sites in a text."""
    for unbroken in _UNBROKEN.finditer(text):
        raw, start = unbroken.group(), unbroken.start()
        if "@" in raw and "://" not in raw:
            address = _email_in(raw) if len(raw) <= _LONGEST_EMAIL else ""
            if "@" in address and address.strip("@"):
                start += raw.index(address)
                yield Token("domain" if address.startswith("@") else "email", address, start, start + len(address))
        elif len(raw) <= _LONGEST_URL:
            address = raw.rstrip(_EDGES)
            kind = "url" if _URL.fullmatch(address) else "site" if _SITE.fullmatch(address) else ""
            if kind:
                yield Token(kind, address, start, start + len(address))


def _email_in(raw: str) -> str:
    """The email address without what people write against it: ``mailto:a@b.dk``, ``mail:a@b.dk``, ``a@b.dk's``."""
    lead = raw.lower().find("mailto:")
    body = raw[lead + 7 :] if lead >= 0 else raw
    if ":" in body and body.index(":") < body.index("@"):
        body = body[body.rindex(":", 0, body.index("@")) + 1 :]
    if "=" in body and body.index("=") < body.index("@"):
        body = body[body.index("=") + 1 :]
    return re.sub(rf"{_GENITIVE.pattern}$", "", body.rstrip(_EDGES)).lstrip("'’*`:")


def phones(text: str, region: str) -> Iterator[Token]:
    """The phone numbers in a text, each as its likeliest reading; ``region`` is that of numbers without a country code.

    A number that is none in the region is found too, so that the user can be told what is wrong with it.
    """
    # the matcher is slow on long runs of digits, so it sees one short run at a time
    for run in islice(_DIGITS.finditer(text), _MAX_PHONES):
        matcher = phonenumbers.PhoneNumberMatcher(run.group(), region, phonenumbers.Leniency.POSSIBLE, max_tries=8)
        matches = [(match.start, match.raw_string) for match in matcher]
        if not matches and _count_digits(run.group()) in _FOREIGN_PHONE_DIGITS:
            matches = [(0, run.group())]
        for at, found in matches:
            raw = found.rstrip()
            is_date = _DATE.fullmatch(raw.strip()) is not None
            if _count_digits(raw) >= _MIN_PHONE_DIGITS and "\n" not in raw and not is_date:
                start = run.start() + at
                yield Token("phone", raw, start, start + len(raw))


def _count_digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def dates(text: str) -> Iterator[Token]:
    """The stretches of a few words that may be a date or a moment; ``crm.domain.values`` reads them.

    Stretches overlap: "3. maj 2026" is one, and so is "den 3. maj 2026".
    """
    words = list(re.finditer(r"\S+", text))
    for i, first in enumerate(words):
        for last in words[i : i + _DATE_WORDS]:
            raw = text[first.start() : last.end()]
            stripped = raw.strip(_AROUND_A_DATE)
            if stripped and _ENDS_A_DATE.search(stripped):
                start = first.start() + raw.index(stripped)
                yield Token("date", " ".join(stripped.split()), start, start + len(stripped))
