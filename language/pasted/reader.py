"""Decides what kind of text was pasted, and reads it."""

import re
from collections.abc import Sequence

from crm.domain import PHONES
from language.pasted.person import PastedPerson, label_of
from language.pasted.regions import add_country_codes
from language.pasted.signatures import read_signature
from language.pasted.tables import read_addresses, read_table
from language.pasted.vcards import has_vcard, read_vcards
from language.tokens import addresses, phones

_MIN_LINES = 3
_QUOTED = re.compile(r"^>|(?:skrev|wrote|schrieb)\s*:\s*$", re.IGNORECASE | re.MULTILINE)
_SENDER = re.compile(r"^\W*(?:fra|from|von)\s*:", re.IGNORECASE | re.MULTILINE)
_RULE = re.compile(r"\n\s*(?:[-–—_=*]{2,}\s*)?\n")  # what divides the blocks of a text


def is_thread(text: str) -> bool:
    """Whether the text is a mail with earlier ones in it: nobody can tell who is meant."""
    return bool(_QUOTED.search(text)) or len(_SENDER.findall(text)) > 1


def is_address_list(text: str) -> bool:
    """Whether the text is nothing but mail addresses with names."""
    return bool(read_addresses(text))


def read_pasted(text: str, region: str) -> list[PastedPerson]:
    """Return the people in a pasted text, with country codes added to foreign phone numbers; [] if there are none."""
    people = _read(text, region)
    for person in people:
        add_country_codes(person, region)
    return people


def _read(text: str, region: str) -> list[PastedPerson]:
    """The people whom a pasted text describes; [] where the text is none, or describes nobody, or nobody can tell whom.

    A text was pasted if it has a vCard, a table of people, or at least three lines of which one holds an address or a
    number. ``region``: the region of phone numbers without a country code.
    """
    if has_vcard(text):
        return read_vcards(text)
    if people := read_addresses(text) or read_table(text, region):
        return people
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < _MIN_LINES or not _reaches_somebody(text, region):
        return []
    if people := _each(lines, region) or _blocks(text, region):
        return people
    person = read_signature(text, region)
    return [person] if person.is_person and not person.is_doubtful else []


def _blocks(text: str, region: str) -> list[PastedPerson]:
    """The people of a text whose blocks, divided by empty lines or rules, describe one each; [] where it has one."""
    people = [read_signature(block, region) for block in _RULE.split(text)]
    found = [person for person in people if person.is_person]
    return found if len(found) > 1 else []


def _each(lines: Sequence[str], region: str) -> list[PastedPerson]:
    """The people of a list in which each has a few lines that end in an email address; [] where the text is none."""
    groups, last = list[str](), 0
    for n, line in enumerate(lines, 1):
        if any(token.kind == "email" for token in addresses(line)):
            groups.append("\n".join(lines[last:n]))
            last = n
    if len(groups) < 2 or last < len(lines):
        return []
    people = [read_signature(group, region) for group in groups]
    return people if all(person.is_person for person in people) else []


def _reaches_somebody(text: str, region: str) -> bool:
    labelled = sum(label_of(line.partition(":")[0]) is not None for line in text.splitlines() if ":" in line)
    return labelled > 1 or any(t.kind == "email" for t in addresses(text)) or any(True for _ in phones(text, region))


def plain_text(text: str, region: str) -> str:
    """The text with the values of its vCards as people read them, and its phone numbers with their country codes."""
    people = read_pasted(text, region) if "\n" in text else []
    told = [value for one in people for name, value in one.values.items() if name in PHONES or has_vcard(text)]
    return "\n".join([text, *told])
