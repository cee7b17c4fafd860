"""A change of one contact, exactly as it is shown to a person before it may be written."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Literal
from uuid import NAMESPACE_OID, uuid4, uuid5

from pydantic import BaseModel, ConfigDict

Source = Literal["user", "record", "default", "unknown"]
# where a value comes from, by the property, the value as the model wrote it, and the value as it will be stored
SourceOf = Callable[[str, str, str], Source]
DESPITE_TWINS, UNKNOWN = "create_despite_twins", "unknown:"


class Row(BaseModel):
    """A property with the value that was read (None: never set) and the one to write ("": cleared)."""

    model_config = ConfigDict(frozen=True)

    property: str
    before: str | None
    after: str
    source: Source = "user"


class PossibleDuplicate(BaseModel):
    """A contact that may be the same person as a new one.

    ``why``: codes of the evidence, the strongest first: same_ or similar_ with name, email or birthday, and same_phone,
    same_company, same_city, same_email_name (the part before the @, or the name in it).
    """

    model_config = ConfigDict(frozen=True)

    contact_id: str
    display: str
    url: str
    why: tuple[str, ...]


class Change(BaseModel):
    """One write that waits for a person's approval. ``contact_id`` is None for a contact that does not exist yet.

    ``about``: what distinguishes the contact from others of the same name. ``updated_at``: when the record had last
    changed before it was read. ``undoes``: the id of the change that an undo takes back; ``archives``: it archives the
    contact; ``kept``: properties that the undo does not restore because somebody else has changed them since;
    ``taken``: those it does not restore because another contact has the old value by now. ``twins``: possible
    duplicates of a new contact. ``declined``: properties whose default the user did not want. ``bad_defaults``:
    configured defaults that do not fit the portal, as configured. ``salt``: random, so that nobody can guess the values
    from the digest after they were erased.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    action: Literal["create", "update", "undo"]
    contact_id: str | None
    display: str
    about: str = ""
    url: str = ""
    rows: tuple[Row, ...]
    twins: tuple[PossibleDuplicate, ...] = ()
    declined: tuple[str, ...] = ()
    bad_defaults: tuple[str, ...] = ()
    updated_at: str = ""
    undoes: str = ""
    archives: bool = False
    kept: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    salt: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The values to write: property -> value."""
        return {row.property: row.after for row in self.rows}

    @property
    def for_existing(self) -> dict[str, str]:
        """The values of a creation for a contact that turns out to exist already: all but the configured defaults."""
        return {row.property: row.after for row in self.rows if row.source != "default"}

    @property
    def acknowledge(self) -> tuple[str, ...]:
        """What a person must acknowledge separately before this change may be applied."""
        twins = (DESPITE_TWINS,) if self.action == "create" and self.twins else ()
        return (*twins, *(f"{UNKNOWN}{row.property}" for row in self.rows if row.source == "unknown"))

    @property
    def digest(self) -> str:
        """SHA-256 of all that the change shows and writes; the ledger accepts each digest only once."""
        told = self.model_dump(exclude={"declined"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def new_id() -> str:
    """A fresh id for a change or a card."""
    return str(uuid4())


def id_from(*parts: str) -> str:
    """An id made from these parts, so that two runs of the same thing get the same id and make one claim."""
    return str(uuid5(NAMESPACE_OID, " ".join(parts)))


def once_more(change: Change) -> Change:
    """A copy with a new id, for an approval that is repeated after the claim of the first one failed."""
    return change.model_copy(update={"id": id_from(change.id, "again")})


def new_salt() -> str:
    """A fresh salt for a change."""
    return secrets.token_hex(16)


def differing(values: Mapping[str, str], now: Mapping[str, str | None]) -> dict[str, str]:
    """The values that differ from those of the record; a cleared property counts as one that was never set."""
    return {name: value for name, value in values.items() if (now.get(name) or "") != value}
