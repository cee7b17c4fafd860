"""What became of a change that somebody approved."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from crm.domain import errors
from crm.domain.change import Change
from crm.domain.contact import Contact

Status = Literal["applied", "partly", "stale", "gone", "already_so", "unknown", "refused", "unavailable", "read_only"]
Sent = Literal["no", "perhaps", "yes"]
DONE = ("applied", "partly")
_LISTS = ("unchanged", "correlation_ids")
_KEPT = (*_LISTS, "overwritten", "replaced", "sent", "author")


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    ``applied``: written and verified; ``partly``: HubSpot said yes, yet ``unchanged`` properties do not hold
    the value; ``stale``: the record was different, nothing is written, ``fresh`` is the change as it stands now;
    ``gone``: the contact no longer exists; ``already_so``: nothing was left to write; ``unknown``: claimed and
    perhaps written, which could not be confirmed; ``refused`` and ``unavailable``: not written, ``error`` says why.
    ``overwritten``: property -> what somebody else wrote between the last look and our write; ``replaced``: what
    somebody else wrote over ours before it was read back. ``sent``: whether something was written, also where the
    contact no longer exists. ``author``: HubSpot's note of who wrote our value (``crm.write``). ``created``: the id of
    a new contact that could not be read back.
    """

    status: Status
    change: Change
    contact: Contact | None = None
    fresh: Change | None = None
    unchanged: tuple[str, ...] = ()
    overwritten: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    correlation_ids: tuple[str, ...] = ()
    error: errors.CrmError | None = None
    sent: Sent = "no"
    author: str = ""
    created: str | None = None

    @property
    def contact_id(self) -> str | None:
        """The id of the changed or created contact; None where none was created."""
        return self.contact.id if self.contact else self.change.contact_id or self.created

    def details(self) -> dict[str, Any]:
        """The outcome as plain JSON. Status and change are left out: the ledger keeps them in columns of their own."""
        contact = {**asdict(self.contact), "history": {}} if self.contact else None
        return {
            "contact_id": self.contact_id,
            "contact": contact,
            **{name: getattr(self, name) for name in _KEPT},
            "code": self.error.code if self.error else None,
            "params": self.error.params if self.error else {},
        }


def outcome_from(status: Status, change: Change, details: Mapping[str, Any]) -> Outcome:
    """Rebuild an outcome from ``Outcome.details``; fields that this version does not know are left out."""
    contact = Contact(**_known(Contact, details["contact"])) if details.get("contact") else None
    kept = {name: details[name] for name in _KEPT if name in details}
    kept |= {name: tuple(kept[name]) for name in _LISTS if name in kept}
    error = errors.error_from(details["code"], details.get("params") or {}) if details.get("code") else None
    created = None if contact or change.contact_id else details.get("contact_id")
    return Outcome(status, change, contact, error=error, created=created, **kept)


def _known(kind: type, details: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in details.items() if name in names}
