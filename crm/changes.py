"""A change: what is asked of HubSpot, exactly as it is shown to a person before it may happen."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from crm.fields import fold

Source = Literal["user", "record", "default", "unknown"]
DESPITE_TWINS = "create_despite_twins"


class Row(BaseModel):
    """One property: its value as it was read (None: never set) and as it will be ("": cleared)."""

    model_config = ConfigDict(frozen=True)

    property: str
    before: str | None
    after: str
    source: Source = "user"


class Twin(BaseModel):
    """A contact that may be the same person. ``why`` holds codes: same_email, same_phone, same_name."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    display: str
    url: str
    why: tuple[str, ...]


class Change(BaseModel):
    """One write that waits for a person. ``contact_id`` is None for a contact that does not exist yet."""

    model_config = ConfigDict(frozen=True)

    id: str
    action: Literal["create", "update"]
    contact_id: str | None
    display: str
    url: str = ""
    rows: tuple[Row, ...]
    twins: tuple[Twin, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """What is written: property -> value."""
        return {row.property: row.after for row in self.rows}

    @property
    def acknowledge(self) -> tuple[str, ...]:
        """What a person must acknowledge by itself before this change may be applied."""
        return (DESPITE_TWINS,) if self.action == "create" and self.twins else ()

    @property
    def digest(self) -> str:
        """SHA-256 over all of the change: what the ledger claims, once."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


def new_id() -> str:
    """A fresh id for a change or a card."""
    return str(uuid4())


def source(given: str, after: str, said: str) -> Source:
    """Where a value comes from: ``user`` where it stands in the user's words, else ``unknown``.

    ``given`` is the value as the model wrote it, ``after`` as it will be stored, ``said`` the user's words.
    """
    words, digits = fold(said), re.sub(r"\D", "", said)
    for value in (given, after):
        if not fold(value) or fold(value) in words:
            return "user"
        number = re.sub(r"\D", "", value)
        if len(number) >= 6 and not re.search(r"[^\d\s+().-]", value) and number[-8:] in digits:
            return "user"
    return "unknown"


def differing(values: Mapping[str, str], now: Mapping[str, str | None]) -> dict[str, str]:
    """The values that the record does not hold yet; a cleared property and one never set are the same."""
    return {name: value for name, value in values.items() if (now.get(name) or "") != value}


def loads(data: Mapping[str, Any]) -> Change:
    """A change from the plain JSON that the state of a conversation holds."""
    return Change.model_validate(data)
