"""Reads tables and lists of people: rows with one delimiter, with or without a heading."""

import csv
import re
from collections.abc import Sequence

from language.pasted.person import PastedPerson, is_name_text, label_of
from language.pasted.signatures import can_be_name, place_rest, put_segment
from language.tokens import addresses, phones
from language.vocabulary import is_given_name

_DELIMITERS = ("\t", "|", ";", ",", " – ", " — ")
_MIN_COLUMNS = 2
_RULE = re.compile(r"[\s|:+-]+")  # the line below the heading of a Markdown table
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_NAMES = ("name", "firstname", "lastname")
_NAMED_ADDRESS = re.compile(r"(\"[^\"<>@]{1,80}\"\s*|[^\"<>@,;:\n]{1,80})<([^\s<>@]{1,64}@[^\s<>]{1,255})>")
Rows = Sequence[Sequence[str]]


def read_addresses(text: str) -> list[PastedPerson]:
    """The people of a list of mail addresses with names: "Ole Friis <ole@friis.dk>, Bo Ek <bo@ek.dk>"; else []."""
    if re.search(r"\w", _NAMED_ADDRESS.sub("", text)):
        return []
    people = list[PastedPerson]()
    for found in _NAMED_ADDRESS.finditer(text):
        person = PastedPerson()
        person.put("name", found[1].strip(' "'))
        person.put("email", found[2])
        people.append(person)
    return people if len(people) > 1 and all(person.is_person for person in people) else []


def read_table(text: str, region: str) -> list[PastedPerson]:
    """One person for each row of a table or list; [] where the text is none."""
    lines = [_BULLET.sub("", line) for line in text.splitlines() if line.strip() and not _RULE.fullmatch(line)]
    tables = (rows for delimiter in _DELIMITERS if (rows := _rows(lines, delimiter)))
    found = (_people(*_headed(rows, region), region) for rows in tables)
    return max(found, key=len, default=[])


def _people(heading: Sequence[str | None], body: Rows, region: str) -> list[PastedPerson]:
    """The person of each row. What the rows without one hold is unused beside the last person."""
    people, left = list[PastedPerson](), list[str]()
    for row in body:
        person = _person(row, heading, region)
        if person.is_person or ("email" in person.values and _lacks_name(row, heading)):
            people.append(person)
        elif heading and any(row):
            left.append(" · ".join(filter(None, row)))
    if not heading and len(people) < 2:
        return []  # one row with a delimiter is a line of a signature
    if people:
        people[-1].unused += left
    return people


def _lacks_name(row: Sequence[str], heading: Sequence[str | None]) -> bool:
    """Whether the columns of the name are empty in a row: an address alone is a contact too."""
    names = [cell for label, cell in zip(heading, row, strict=False) if label in _NAMES]
    return bool(names) and not any(names)


def _rows(lines: Sequence[str], delimiter: str) -> Rows:
    """The lines with the delimiter, split into cells; [] where fewer than two have it."""
    rows = [cells for line in lines if len(cells := _cells(line, delimiter)) >= _MIN_COLUMNS]
    return rows if len(rows) > 1 else []


def _cells(line: str, delimiter: str) -> list[str]:
    if len(delimiter) > 1:
        return [_plain(cell) for cell in line.split(delimiter)]
    stripped = line.strip().strip("|") if delimiter == "|" else line
    row = next(csv.reader([stripped], delimiter=delimiter, skipinitialspace=True), [])
    return [_plain(cell) for cell in row]


def _plain(cell: str) -> str:
    """A cell without the signs of bold and slanted letters around it, or with nothing but dashes in it."""
    return cell.strip().strip("*_`").strip() if cell.strip(" –—-") else ""


def _headed(rows: Rows, region: str) -> tuple[Sequence[str | None], Rows]:
    """The properties of the columns, by the heading if there is one, and the rows below it.

    A heading has a known name of a field, and no digit or address.
    """
    labels = [label_of(cell) for cell in rows[0]]
    if any(label not in (None, "nothing") for label in labels) and not re.search(r"[\d@]", "".join(rows[0])):
        return labels, rows[1:]
    return (), [row for row in rows if _reaches_somebody(row, region)]


def _reaches_somebody(row: Sequence[str], region: str) -> bool:
    return any(t.kind == "email" for cell in row for t in addresses(cell)) or any(any(phones(c, region)) for c in row)


def _person(row: Sequence[str], heading: Sequence[str | None], region: str) -> PastedPerson:
    person = PastedPerson()
    if heading:
        for label, cell in zip(heading, row, strict=False):
            person.put(label or "nothing", cell)
        return person
    name, others = _name_in(row)
    person.put("name", name)
    place_rest(person, [cell for cell in others if cell and not put_segment(person, cell, region)])
    return person


def _name_in(row: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name in a row without a heading, and the other cells; "" where the first cell is none."""
    first, second = row[0], row[1]
    if " " not in first and is_given_name(second) and is_name_text(first) and not is_given_name(first):
        return f"{second} {first}", row[2:]  # Friis, Ole
    return (first, row[1:]) if _is_name(first) else ("", row)


def _is_name(cell: str) -> bool:
    """Whether the cell can be a full name, or a given name alone."""
    plain = cell.replace(",", " ")  # "Brask, Helle"
    return can_be_name(plain) and (" " in plain.strip() or is_given_name(plain.strip()))
