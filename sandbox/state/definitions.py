"""The properties a contact can have: names, types, options, and which of them may be written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "properties.json"


@dataclass(frozen=True)
class Definition:
    """One property of contacts, as the account has it."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    custom: bool = False
    form_field: bool = False
    external_options: bool = False
    referenced_object_type: str | None = None

    @property
    def many(self) -> bool:
        """Whether a value is a list joined by semicolons."""
        return self.type == "enumeration" and (self.field_type == "checkbox" or self.name == "hs_additional_emails")

    @property
    def numeric(self) -> bool:
        """Whether values are compared as numbers."""
        return self.type in ("number", "date", "datetime")


class Definitions:
    """All properties of contacts by name, in the order of the data file."""

    def __init__(self) -> None:
        rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
        self._by_name = {row["name"]: _definition(row) for row in rows}

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Definition | None:
        """The definition of a property, or None where the account has no such property."""
        return self._by_name.get(name)

    def label(self, name: str) -> str:
        """What people call the property."""
        definition = self._by_name.get(name)
        return name if definition is None else definition.label


def _definition(row: dict[str, Any]) -> Definition:
    return Definition(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        field_type=row["fieldType"],
        group=row["group"],
        options=tuple((value, label) for value, label in row.get("options", ())),
        read_only=row.get("readOnly", False),
        calculated=row.get("calculated", False),
        hidden=row.get("hidden", False),
        custom=row.get("custom", False),
        form_field=row.get("formField", False),
        external_options=row.get("externalOptions", False),
        referenced_object_type=row.get("referencedObjectType"),
    )
