"""A change: what is asked of HubSpot, exactly as it is shown to a person before it may happen."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid4, uuid5

from pydantic import BaseModel, ConfigDict

Source = Literal["user", "record", "default", "unknown"]
# tells where a value comes from: the property, the value as the model wrote it, and as it will be stored
SourceOf = Callable[[str, str, str], Source]
DESPITE_TWINS, UNKNOWN = "create_despite_twins", "unknown:"


class Row(BaseModel):
    """One property: its value as it was read (None: never set) and as it will be ("": cleared)."""

    model_config = ConfigDict(frozen=True)

    property: str
    before: str | None
    after: str
    source: Source = "user"


class PossibleDuplicate(BaseModel):
    """A contact that may be the same person.

    ``why`` holds codes, the strongest first: same_ or similar_ with name, email or birthday, and same_phone,
    same_company, same_city, same_email_name (the part before the @, or a name that stands in it).
    """

    model_config = ConfigDict(frozen=True)

    contact_id: str
    display: str
    url: str
    why: tuple[str, ...]


class Change(BaseModel):
    """One write that waits for a person. ``contact_id`` is None for a contact that does not exist yet.

    ``about``: what tells the contact from others of the name. ``updated_at``: when the record as it was read had last
    changed. ``undoes``: the id of the change that an undo takes back; ``archives``: it does so by archiving the
    contact; ``kept``: properties that it leaves, as somebody else has changed them since; ``taken``: those that it
    leaves, as the old value belongs to another contact by now. ``declined``: properties whose default the user did not
    want. ``bad_defaults``: configured defaults that do not fit the portal, as they were configured. ``salt``: random,
    so that nobody can guess the values from the digest, which outlives them.
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
        """What is written: property -> value."""
        return {row.property: row.after for row in self.rows}

    @property
    def for_existing(self) -> dict[str, str]:
        """What of a creation is meant for the contact that turns out to exist: all but the defaults of a new one."""
        return {row.property: row.after for row in self.rows if row.source != "default"}

    @property
    def acknowledge(self) -> tuple[str, ...]:
        """What a person must acknowledge by itself before this change may be applied."""
        twins = (DESPITE_TWINS,) if self.action == "create" and self.twins else ()
        return (*twins, *(f"{UNKNOWN}{row.property}" for row in self.rows if row.source == "unknown"))

    @property
    def digest(self) -> str:
        """SHA-256 over all that is shown and written of the change: what the ledger claims, once."""
        told = self.model_dump(exclude={"declined"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def new_id() -> str:
    """A fresh id for a change or a card."""
    return str(uuid4())


def id_from(*parts: str) -> str:
    """The id that follows from these: two runs of the same thing come to the same, and its claim is made once."""
    return str(uuid5(NAMESPACE_OID, " ".join(parts)))


def once_more(change: Change) -> Change:
    """The same change as a new one, for whoever approves it again after its claim came to nothing."""
    return change.model_copy(update={"id": id_from(change.id, "again")})


def new_salt() -> str:
    """A fresh salt for a change."""
    return secrets.token_hex(16)


def differing(values: Mapping[str, str], now: Mapping[str, str | None]) -> dict[str, str]:
    """The values that the record does not hold yet; a cleared property and one never set are the same."""
    return {name: value for name, value in values.items() if (now.get(name) or "") != value}


def loads(data: Mapping[str, Any]) -> Change:
    """A change from the plain JSON that the state of a conversation holds."""
    return Change.model_validate(data)
