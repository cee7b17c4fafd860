"""What a tool returns to code, beside its text for the model; a message of the state holds it as plain JSON."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from crm.domain import Change, Contact, Found

VALUE_WIDTH = 60  # characters of a value that the model is shown: a record is data of unknown length


class ToolResult(BaseModel):
    """The result of a tool without anything to show: the model tells the user in its own words."""

    model_config = ConfigDict(frozen=True)

    kind: str = "text"

    def as_json(self) -> dict[str, Any]:
        """The result as the state stores it."""
        return self.model_dump(mode="json")


class ContactRecord(BaseModel):
    """A contact as it was read."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    url: str
    properties: Mapping[str, str | None]

    @classmethod
    def of(cls, contact: Contact) -> Self:
        return cls(id=contact.id, name=contact.name, url=contact.url, properties=dict(contact.properties))


class ContactsFound(ToolResult):
    """The user sees a numbered list of these contacts.

    ``total``: how many there are in all. ``start``: how many of them come before these. ``asked``: the properties that
    were asked for, which the list shows.
    """

    kind: Literal["contacts"] = "contacts"
    total: int
    start: int = 0
    asked: tuple[str, ...] = ()
    contacts: tuple[ContactRecord, ...]

    @classmethod
    def of(cls, found: Found) -> Self:
        contacts = tuple(map(ContactRecord.of, found.contacts))
        return cls(total=found.total, start=found.start, asked=found.asked, contacts=contacts)


class ContactShown(ToolResult):
    """The user sees all details of this contact."""

    kind: Literal["contact"] = "contact"
    contact: ContactRecord


class Proposal(ToolResult):
    """The user sees this change on a card, and decides."""

    kind: Literal["proposal"] = "proposal"
    change: Change


def row(contact: Contact, number: int) -> str:
    """A contact as one line for the model: number|id|name|email|phone|company|job title, without empty ends."""
    p = contact.properties
    values = (contact.name, p.get("email"), p.get("phone") or p.get("mobilephone"), p.get("company"), p.get("jobtitle"))
    cells = [one_line((v or "").replace("|", "/")) for v in values]
    return "|".join([str(number), contact.id, *cells]).rstrip("|")


def one_line(value: str) -> str:
    """A value for the model, shortened and on one line, so that it cannot look like several values."""
    return " ".join(value.split())[:VALUE_WIDTH]
