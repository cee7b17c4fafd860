"""Reads vCards (2.1, 3.0, 4.0) by vobject."""

import re
from collections.abc import Iterator
from typing import Any

from language.pasted.person import PastedPerson

_CARD = re.compile(r"BEGIN:VCARD.*?END:VCARD", re.DOTALL | re.IGNORECASE)


def has_vcard(text: str) -> bool:
    """Whether a vCard stands in the text."""
    return _CARD.search(text) is not None


def read_vcards(text: str) -> list[PastedPerson]:
    """The person of each vCard in the text; a card that cannot be read is left out."""
    return [person for card in _cards(text) if (person := _person(card)).values]


def decoded(text: str) -> str:
    """The values of the vCards in the text, as people read them: some are written in codes."""
    return "\n".join(" ".join(person.values.values()) for person in read_vcards(text))


def _cards(text: str) -> Iterator[dict[str, list[Any]]]:
    import vobject  # not at every start: few conversations have a vCard

    for found in _CARD.finditer(text):
        try:
            yield vobject.readOne(found.group(), allowQP=True).contents
        except (vobject.base.VObjectError, ValueError, LookupError, AttributeError, IndexError):
            continue


def _person(card: dict[str, list[Any]]) -> PastedPerson:
    person = PastedPerson()
    if any(_text(given.value).lower() == "org" for given in card.get("kind", [])):
        return person
    for given in card.get("n", []):
        person.put("firstname", " ".join(filter(None, (_text(given.value.given), _text(given.value.additional)))))
        person.put("lastname", _text(given.value.family))
    if "firstname" not in person.values and "lastname" not in person.values:
        for given in card.get("fn", []):
            person.put("name", _text(given.value))
    for given in card.get("org", []):
        person.put("company", _text(given.value[0] if isinstance(given.value, list) else given.value))
    for name, property_ in (("title", "jobtitle"), ("email", "email"), ("url", "website")):
        for given in card.get(name, []):
            person.put(property_, _text(given.value))
    for given in card.get("tel", []):
        person.put(_kind_of_phone(given), _text(given.value).removeprefix("tel:"))
    for given in card.get("adr", []):
        _put_address(person, given.value)
    person.unused += [_text(given.value) for given in card.get("note", [])]
    return person


def _kind_of_phone(given: Any) -> str:
    kinds = " ".join([*given.singletonparams, *(kind for listed in given.params.values() for kind in listed)]).lower()
    return "mobilephone" if "cell" in kinds else "fax" if "fax" in kinds else "phone"


def _put_address(person: PastedPerson, address: Any) -> None:
    person.put("address", ", ".join(filter(None, (_text(address.extended), _text(address.street)))))
    for name, value in (
        ("zip", address.code), ("city", address.city), ("state", address.region), ("country", address.country),
    ):  # fmt: skip
        person.put(name, _text(value))


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "").strip()
