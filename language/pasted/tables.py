"""Reads tables and lists of people: rows with one delimiter, with or without a heading."""

import csv
import re
from collections.abc import Sequence

from language.pasted.person import PastedPerson, label_of
from language.pasted.signatures import place_rest, put_segment
from language.tokens import addresses

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
    """The longest run of lines that have the same delimiter, split into cells."""
    run: list[list[str]] = []
    best: list[list[str]] = []
    for line in lines:
        cells = _cells(line, delimiter)
        alike = len(cells) >= _MIN_COLUMNS and (not run or len(cells) == len(run[0]))
        run = [*run, cells] if alike else [cells] if len(cells) >= _MIN_COLUMNS else []
        best = max(best, run, key=len)
    return best if len(best) > 1 else []


def _cells(line: str, delimiter: str) -> list[str]:
    if len(delimiter) > 1:
        return [cell.strip() for cell in line.split(delimiter)]
    stripped = line.strip().strip("|") if delimiter == "|" else line
    row = next(csv.reader([stripped], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def _headed(rows: Rows) -> tuple[Sequence[str | None], Rows]:
    """The properties of the columns, by the heading if there is one, and the rows below it."""
    labels = [label_of(cell) for cell in rows[0]]
    if sum(label is not None for label in labels) * 2 >= len(labels) and not _has_email(rows[0]):
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
    person.put("name", row[0])
    place_rest(person, [cell for cell in row[1:] if cell and not put_segment(person, cell, region)])
    return person
