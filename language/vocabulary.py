"""What a single word can be by itself: an ordinary word of Danish or English, or somebody's name.

The dictionaries are simplemma's, the names Faker's; ``docs/decisions/0013`` gives the reasons and figures. The first
question about an ordinary word loads the dictionaries, which takes two seconds and 120 MB.
"""

import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

from crm.domain import fold

_LANGUAGES = ("da", "en")
_NAMES_OF = ("da_DK", "de_DE", "en_GB", "en_US", "fr_FR", "nl_NL", "no_NO", "sv_SE")
_SHORTEST = 3  # letters of a part of a compound
_LONGEST = 40
_JOINTS = ("", "s", "e")  # what Danish puts between the parts


@lru_cache(maxsize=8192)
def is_ordinary(word: str) -> bool:
    """Whether the word, in small letters, stands in a dictionary of Danish or English, or is made of two such words."""
    if len(word) > _LONGEST:
        return False
    small = word.lower().removesuffix("'s").removesuffix("’s").strip("'’")
    if "-" in small:
        return all(len(part) < _SHORTEST or is_ordinary(part) for part in small.split("-"))
    return _is_listed(small) or any(_is_compound(small, cut) for cut in range(_SHORTEST, len(small) - _SHORTEST + 1))


def _is_compound(word: str, cut: int) -> bool:
    head, end = word[:cut], word[cut:]
    if not _is_listed(end):
        return False
    return any(head.endswith(joint) and _is_listed(head.removesuffix(joint)) for joint in _JOINTS)


def _is_listed(word: str) -> bool:
    from simplemma import is_known  # its dictionaries are large: only where they are needed

    return len(word) >= _SHORTEST and bool(is_known(word, lang=_LANGUAGES))


def is_given_name(word: str) -> bool:
    """Whether the word is a known given name, also in the genitive; case and accents do not count."""
    return _is_one_of(_given_names(), word)


def is_family_name(word: str) -> bool:
    """Whether the word is a known family name, also in the genitive; case and accents do not count."""
    return _is_one_of(_names("last_names"), word)


def is_place(word: str) -> bool:
    """Whether the word is a known town of Denmark; case and accents do not count."""
    return fold(word) in _places()


def country_names(text: str) -> list[str]:
    """The Danish and the English name of the country that the text names in either language; [] where it names none."""
    code = _countries().get(fold(text))
    return list(dict.fromkeys(_territories(language)[code] for language in _LANGUAGES)) if code else []


@cache
def _countries() -> dict[str, str]:
    return {fold(name): code for language in _LANGUAGES for code, name in _territories(language).items()}


@cache
def _territories(language: str) -> dict[str, str]:
    """The names of countries in a language, by their codes of two letters (CLDR)."""
    from babel import Locale

    return {code: name for code, name in Locale(language).territories.items() if len(code) == 2 and code.isalpha()}


@cache
def _places() -> frozenset[str]:
    return frozenset(map(fold, import_module("faker.providers.address.da_DK").Provider.cities))


def _is_one_of(names: frozenset[str], word: str) -> bool:
    folded = fold(word)
    return folded in names or folded.removesuffix("s") in names


@cache
def _given_names() -> frozenset[str]:
    listed = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
    return _names("first_names") | frozenset(map(fold, listed["given"]))


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(fold(name) for locale in _NAMES_OF for name in _listed(locale, kind))


def _listed(locale: str, kind: str) -> Iterator[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    for attribute in dir(provider):
        if attribute.startswith(kind):
            yield from getattr(provider, attribute)
