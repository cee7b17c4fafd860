"""Reads vCards (2.1, 3.0, 4.0) by vobject."""

import re
from collections.abc import Iterator
from typing import Any

from crm.domain import PHONES
from language.pasted.person import PastedPerson, label_of
from language.vocabulary import is_given_name

# what a picture or a key holds is no text, and no parser is asked to decode it
_BINARY = re.compile(r"^(?:\w+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
_READ = ("n", "fn", "org", "title", "email", "url", "tel", "adr")
_TECHNICAL = ("version", "prodid", "rev", "uid", "kind", "label", "source", "agent", "mailer", "tz", "geo", "class")
_CARD = re.compile(r"BEGIN:VCARD.*?END:VCARD", re.DOTALL | re.IGNORECASE)


def has_vcard(text: str) -> bool:
    """Whether a vCard stands in the text."""
    return _CARD.search(text) is not None


def read_vcards(text: str) -> list[PastedPerson]:
    """The person of each vCard in the text; a card that cannot be read is left out."""
    return [person for card in _cards(text) if (person := _person(card)).values]


def _cards(text: str) -> Iterator[dict[str, list[Any]]]:
    import vobject  # not at every start: few conversations have a vCard

    for found in _CARD.finditer(text):
        try:
            yield vobject.readOne(_BINARY.sub("", found.group()), allowQP=True).contents
        except (vobject.base.VObjectError, ValueError, LookupError, AttributeError, IndexError):
            continue


def _person(card: dict[str, list[Any]]) -> PastedPerson:
    person = PastedPerson()
    if any(_text(given.value).lower() == "org" for given in card.get("kind", [])):
        return person
    _put_names(person, card)
    for given in card.get("org", []):
        company, *units = given.value if isinstance(given.value, list) else [given.value]
        person.put("company", _text(company))
        person.unused += filter(None, map(_text, units))
    for name, property_ in (("title", "jobtitle"), ("email", "email"), ("url", "website")):
        for given in card.get(name, []):
            person.put(property_, _text(given.value))
    for given in card.get("tel", []):
        person.put(_kind_of_phone(given, _label(card, given)), _text(given.value).removeprefix("tel:"))
    for given in card.get("adr", []):
        _put_address(person, given.value)
    person.unused += filter(None, (_text(given.value) for name in card if _is_text(name) for given in card[name]))
    return person


def _put_names(person: PastedPerson, card: dict[str, list[Any]]) -> None:
    for given in card.get("n", []):
        first, more, last = map(_text, (given.value.given, given.value.additional, given.value.family))
        if all(map(is_given_name, more.split())):
            first = f"{first} {more}"
        else:  # Danish cards hold a family name there
            last = f"{more} {last}"
        person.put("firstname", first)
        person.put("lastname", last)
    if "firstname" not in person.values and "lastname" not in person.values:
        for given in card.get("fn", []):
            person.put("name", _text(given.value))


def _is_text(name: str) -> bool:
    """Whether a property that no field holds says something to people."""
    told = name in ("x-socialprofile", "x-abrelatednames", "x-skype") or not name.startswith("x-")
    return told and name not in _READ and name not in _TECHNICAL


def _label(card: dict[str, list[Any]], given: Any) -> str:
    """The label that Apple's cards give in a property of the same group: ``_$!<Mobile>!$_``."""
    labels = (_text(label.value) for label in card.get("x-ablabel", []) if given.group and label.group == given.group)
    return re.sub(r"\W", "", next(labels, "")).strip("_")


def _kind_of_phone(given: Any, label: str) -> str:
    kinds = " ".join([*given.singletonparams, *(kind for listed in given.params.values() for kind in listed)]).lower()
    kind = "mobilephone" if "cell" in kinds else "fax" if "fax" in kinds else label_of(label) if label else None
    return kind if kind in PHONES else "phone"


def _put_address(person: PastedPerson, address: Any) -> None:
    person.put("address", ", ".join(filter(None, (_text(address.extended), _text(address.street)))))
    for name, value in (
        ("zip", address.code), ("city", address.city), ("state", address.region), ("country", address.country),
    ):  # fmt: skip
        person.put(name, _text(value))


def _text(value: Any) -> str:
    return ", ".join(filter(None, map(str, value))) if isinstance(value, list) else str(value or "").strip()
