"""A person found in a pasted text, and the words of the field ``pasted.toml`` by which such texts are read."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from crm.domain import fold, property_called
from language.vocabulary import is_given_name

_SITE = re.compile(r"(?:https?://)?(?:www\.)?(?:[\w-]+\.)+[^\W\d_]{2,}/?", re.IGNORECASE)  # without a path
_PERSONAL = ("linkedin.com", "facebook.com", "twitter.com", "x.com", "instagram.com", "xing.com", "youtube.com")
_NICKNAME = re.compile(r"\s[\"“”'‘’][^\W\d_]+[\"“”'‘’]\s")
_NO_NAME = re.compile(r"[\d@\"“”<>\[\]{}=:;*&]")


@dataclass
class PastedPerson:
    """``values``: property -> value as pasted. ``unused``: the pieces of the text that belong to no property.
    ``is_doubtful``: the text seems to name somebody else as well. ``region``: the country before the postal code.
    """

    values: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    is_doubtful: bool = False
    region: str = ""

    def put(self, name: str, value: str) -> None:
        """Store a value by the name of its property, or of a label that stands for several. The first value counts."""
        value = value.strip(" ,;|–-")
        if not value:
            return
        if name == "region":
            self.region = value
        elif name == "nothing":
            self.unused.append(value)
        elif name == "name":
            self._put_name(value)
        elif name == "zip_city":
            self._put_all(zip_and_city(value))
        elif name == "website" and not is_own_site(value):
            self.unused.append(value)
        elif name in self.values:
            if self.values[name] != value:
                self.unused.append(value)
        else:
            self.values[name] = value

    def _put_name(self, text: str) -> None:
        """Store a name; what stands behind it in brackets may be the job title: "Inge Hauge (bogholder)"."""
        if not is_name_text(text):
            self.unused.append(text)
            return
        name, _, aside = _NICKNAME.sub(" ", text).partition("(")
        self._put_all(split_full_name(name.strip()))
        aside = aside.strip(" )")
        if aside and "/" not in aside:
            self.put("jobtitle", aside)

    def _put_all(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.put(name, value)

    @property
    def is_person(self) -> bool:
        """Whether there is a name, and something to reach the person by."""
        named = "firstname" in self.values or "lastname" in self.values
        return named and bool({"email", "phone", "mobilephone"} & self.values.keys())


@cache
def _words_of(table: str, name: str) -> frozenset[str]:
    """The folded words of a list of ``pasted.toml``."""
    return frozenset(_plain(word) for word in _data()[table][name])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("pasted.toml").read_text("utf-8"))


def _plain(text: str) -> str:
    return " ".join(filter(None, (fold(word) for word in text.replace(":", " ").split())))


@cache
def _labels() -> dict[str, str]:
    return {_plain(word): name for name, words in _data()["labels"].items() for word in words}


def label_of(text: str) -> str | None:
    """The property that a label names (``name``, ``zip_city`` and ``nothing`` are names of ours), or None.

    A label may stand there in two languages: "Telefon / Phone".
    """
    plain = _plain(text)
    name = _labels().get(plain) or property_called(plain.replace(" ", ""))
    if name is None and "/" in text:
        names = {label_of(part) for part in text.split("/")}
        name = names.pop() if len(names) == 1 else None
    return "nothing" if name and name.startswith("hs_") else name  # HubSpot's own numbers and dates


def with_words_for_signs(line: str) -> str:
    """The line with words for the pictures of telephones and envelopes in it, which stand for labels."""
    for name, signs in _data()["signs"].items():
        line = re.sub(rf"\s*[{signs}]\ufe0f?\s*:?\s*(?=\S)", f" | {name}: ", line)
    return line.removeprefix(" | ")


def starts_with(line: str, name: str) -> int:
    """The number of words at the start of a line that are a phrase of ``[lines]``; 0 where none is."""
    words = [fold(word) for word in line.split()]
    phrases = ([fold(word) for word in phrase.split()] for phrase in _data()["lines"][name])
    return max((len(phrase) for phrase in phrases if words[: len(phrase)] == phrase), default=0)


def is_company_form(word: str) -> bool:
    """Whether the word is a legal form of a company."""
    return word.lower().strip(".,()") in _data()["companies"]["forms"]


def split_full_name(text: str) -> dict[str, str]:
    """Given and family name of a full name, without titles and degrees; "Efternavn, Fornavn" is turned round.

    The given names are the first word and the known given names behind it; one word at least is the family name.
    """
    last, _, first = (part.strip() for part in text.partition(","))
    if first and not _is_degree(first):
        return {"firstname": _cased(first), "lastname": _cased(last)}
    words = _without_titles(last.split())
    if len(words) < 2:
        return {"firstname": _cased(words[0])} if words else {}
    inner = range(1, len(words) - 1)
    start = next((n for n in inner if not (is_given_name(words[n]) and words[n][:1].isupper())), len(words) - 1)
    return {"firstname": _cased(" ".join(words[:start])), "lastname": _cased(" ".join(words[start:]))}


def without_titles(text: str) -> str:
    """A name without titles before it and degrees behind it."""
    return " ".join(_without_titles(text.split()))


def _without_titles(words: Sequence[str]) -> list[str]:
    """The words of a name without titles before it, degrees behind it, and initials inside it."""
    shouts = all(word == word.upper() for word in words)
    kept = [word for word in words if not _is_title(word)]
    while len(kept) > 2 and (_is_degree(kept[-1]) or (not shouts and _ABBREVIATION.fullmatch(kept[-1]))):
        kept.pop()
    return [word for n, word in enumerate(kept) if n in (0, len(kept) - 1) or not _INITIAL.fullmatch(word)]


def _is_title(word: str) -> bool:
    return fold(word) in {fold(title) for title in _data()["names"]["titles"]}


def _is_degree(text: str) -> bool:
    known = {fold(word) for word in _data()["names"]["suffixes"]}
    return all(fold(word) in known for word in re.split(r"[\s,]+", text) if word)


def _cased(name: str) -> str:
    """A name in capitals with ordinary letters; any other as it is."""
    return " ".join(word.title() if word.isupper() and len(word) > 2 else word for word in name.split())


def is_particle(word: str) -> bool:
    """Whether the word joins the parts of a name."""
    return word.lower() in _data()["names"]["particles"]


_HOUSE = re.compile(r"\d{1,4}[A-Za-z]?(?:[-/]\d+)*")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_INITIAL = re.compile(r"[^\W\d_]\.")
_ABBREVIATION = re.compile(r"[A-Z]{3,6}")  # of a degree or a chartered body
_ZIP_CITY = re.compile(r"(?:([A-Z]{1,2})-)?(\d{4,5}) +([^\W\d_][^\d,]*)")
_BEFORE_ZIP = {
    "D": "DE",
    "A": "AT",
    "F": "FR",
    "S": "SE",
    "N": "NO",
    "B": "BE",
    "I": "IT",
}  # others are codes of regions
_UK = re.compile(r"([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})")
_CA_AU = re.compile(r"([^\W\d_][^\d,]*?),? +([A-Z]{2,3}),? +([A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4})")
_US = re.compile(r"([^\W\d_][^\d,]*?)(?:,? ([A-Z]{2})|, ([^\W\d_]+(?: [^\W\d_]+)?)),? (\d{5}(?:-\d{4})?)")


def zip_and_city(text: str) -> dict[str, str]:
    """Postal code, city and state of ``8000 Aarhus C``, ``London EC2A 3PT`` or ``Bend, OR 97703``; {} for others."""
    text = text.strip(" ,")
    if found := _ZIP_CITY.fullmatch(text):
        place = {"zip": found[2], "city": found[3].strip()}
        return place | ({"region": _BEFORE_ZIP.get(found[1], found[1])} if found[1] else {})
    if found := _CA_AU.fullmatch(text):
        return {"city": found[1], "state": found[2], "zip": found[3]}
    if found := _US.fullmatch(text):
        return {"city": found[1].strip(" ,"), "state": found[2] or found[3], "zip": found[4]}
    if found := _UK.search(text):
        city = (text[: found.start()] + text[found.end() :]).strip(" ,")
        return {"zip": found[1], **({"city": city} if city else {})}
    return {}


def is_own_site(text: str) -> bool:
    """Whether the text is the address of a site, without a path, and of no network of people."""
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.lower()).partition("/")[0]
    return bool(_SITE.fullmatch(text)) and not any(host == site or host.endswith(f".{site}") for site in _PERSONAL)


def is_name_text(text: str) -> bool:
    """Whether the text has nothing in it that no name has: digits, signs of an address, brackets of code."""
    return any(c.isalpha() for c in text) and not _NO_NAME.search(_NICKNAME.sub(" ", text))


def is_country(text: str) -> bool:
    """Whether the text is the name of a country."""
    return region_of_country(text) is not None


def region_of_country(text: str) -> str | None:
    """The code of the region of a country that is given by its name, or None."""
    return _regions().get(text.strip(" .,").lower())


@cache
def _regions() -> dict[str, str]:
    return {name.strip("."): code for code, names in _data()["countries"].items() for name in names}


def is_street(text: str) -> bool:
    """Whether the text begins like a street with its number: ``Vesterbrogade 12``, ``44 Curtain Mews``."""
    words = text.replace(",", " ").split()
    if len(words) < 2 or len(words) > 9:
        return False
    if re.fullmatch(r"\d+[A-Za-z]?", words[0]):
        return any(fold(word) in _words_of("places", "streets") for word in words[1:])
    number = next((n for n, word in enumerate(words[1:], 1) if _HOUSE.fullmatch(word)), 0)
    return 0 < number <= 5 and words[0][:1].isupper() and _is_street_name(words[:number], words[number])


def _is_street_name(words: Sequence[str], number: str) -> bool:
    last = fold(words[-1])
    ends = last.endswith(tuple(_words_of("places", "streets"))) or fold(words[0]) in ("unit", "suite", "postboks")
    return ends or (not _YEAR.fullmatch(number) and all(word[:1].isupper() for word in words))


def is_floor(text: str) -> bool:
    """Whether the text is a part of a building, with its number: "3rd Floor", "Unit 6", "Building C"."""
    words = [fold(word) for word in text.split()]
    numbered = any(c.isdigit() for c in text) or re.search(r"\b[A-Z]\b", text) is not None
    return numbered and 1 < len(words) < 4 and any(word in _words_of("places", "floors") for word in words)


def is_county(text: str) -> bool:
    """Whether the text is a county of the United Kingdom or a state of Germany that is no city."""
    words = text.split()
    return 0 < len(words) < 4 and (words[-1].lower().endswith("shire") or " ".join(words).lower() in _counties())


def _counties() -> Sequence[str]:
    return _data()["places"]["counties"]  # type: ignore[no-any-return]


def is_unit(text: str) -> bool:
    """Whether the text is a part of an organisation: "Institut für Bodenkunde", "Neurologisk Afdeling"."""
    words = [fold(word) for word in text.split()]
    return bool(words) and bool({words[0], words[-1]} & _words_of("companies", "units")) and len(words) > 1
