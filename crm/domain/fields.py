"""The Danish and English names of HubSpot's standard properties, from ``fields.toml``.

``crm.domain.schema`` looks up names here first; it also knows the portal's own properties.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from crm.domain.text import fold

LANGUAGES = ("da", "en")


@cache
def field_names() -> dict[str, dict[str, tuple[str, ...]]]:
    """Property -> language -> the names that people use for it; the first one is the label."""
    return {name: {language: tuple(words[language]) for language in LANGUAGES} for name, words in _data().items()}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("fields.toml").read_text("utf-8"))


def option_names(name: str) -> dict[str, tuple[str, ...]]:
    """Option of a standard property -> the names that people use for it; the first one is the Danish label."""
    return {value: tuple(words) for value, words in _data().get(name, {}).get("options", {}).items()}


@cache
def _by_label() -> dict[str, str]:
    return {fold(words[language][0]): name for name, words in field_names().items() for language in LANGUAGES}


def property_labelled(text: str) -> str | None:
    """The internal name of the standard property with the Danish or English label ``text``, or None."""
    return _by_label().get(fold(text))


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in field_names().items():
        for word in (name, *(w for language in LANGUAGES for w in words[language])):
            found.setdefault(fold(word), name)
    return found


def property_called(text: str) -> str | None:
    """The internal name of the standard property that people call ``text``, label or not, or None."""
    return _by_name().get(fold(text))


def label(name: str, language: str) -> str | None:
    """The label of a standard property in ``da`` or ``en``; None for any other property."""
    words = field_names().get(name)
    return words[language][0] if words else None
