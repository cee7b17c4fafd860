"""Reads tables and lists of people: rows with one delimiter, with or without a heading."""

import csv
import re
from collections.abc import Sequence

from language.pasted.person import PastedPerson, is_name_text, label_of
from language.pasted.signatures import can_be_name, place_rest, put_segment
from language.tokens import addresses
from language.vocabulary import is_given_name

_DELIMITERS = ("\t", "|", ";", ",", " – ", " — ")
_MIN_COLUMNS = 2
_RULE = re.compile(r"[\s|:+-]+")  # the line below the heading of a Markdown table
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
Rows = Sequence[Sequence[str]]


def read_table(text: str, region: str) -> list[PastedPerson]:
    """One person for each row of a table or list; [] where the text is none."""
    lines = [_BULLET.sub("", line) for line in text.splitlines() if line.strip() and not _RULE.fullmatch(line)]
    tables = (rows for delimiter in _DELIMITERS if (rows := _rows(lines, delimiter)))
    found = (_people(*_headed(rows), region) for rows in tables)
    return max(found, key=len, default=[])


def _people(heading: Sequence[str | None], body: Rows, region: str) -> list[PastedPerson]:
    people = [person for row in body if (person := _person(row, heading, region)).is_person]
    return people if heading or len(people) > 1 else []  # one row with a delimiter is a line of a signature


def _rows(lines: Sequence[str], delimiter: str) -> Rows:
    """The lines with the delimiter, split into cells; [] where fewer than two have it."""
    rows = [cells for line in lines if len(cells := _cells(line, delimiter)) >= _MIN_COLUMNS]
    return rows if len(rows) > 1 else []


def _cells(line: str, delimiter: str) -> list[str]:
    if len(delimiter) > 1:
        return [cell.strip() for cell in line.split(delimiter)]
    stripped = line.strip().strip("|") if delimiter == "|" else line
    row = next(csv.reader([stripped], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def _headed(rows: Rows) -> tuple[Sequence[str | None], Rows]:
    """The properties of the columns, by the heading if there is one, and the rows below it.

    A heading has a known name of a field, and no digit or address.
    """
    labels = [label_of(cell) for cell in rows[0]]
    if any(label not in (None, "nothing") for label in labels) and not re.search(r"[\d@]", "".join(rows[0])):
        return labels, rows[1:]
    return (), [row for row in rows if _has_email(row)]


def _has_email(row: Sequence[str]) -> bool:
    return any(token.kind == "email" for cell in row for token in addresses(cell))


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
