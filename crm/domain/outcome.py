"""What became of a change that somebody approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crm.domain import errors
from crm.domain.change import Change
from crm.domain.contact import Contact
from crm.domain.recorded import Recorded, Sent, Status


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    ``applied``: written and verified; ``partly``: HubSpot said yes, yet ``unchanged`` properties do not hold
    the value; ``stale``: the record was different, nothing is written, ``fresh`` is the change as it stands now;
    ``gone``: the contact no longer exists; ``already_so``: nothing was left to write; ``unknown``: claimed and
    perhaps written, which could not be confirmed; ``refused`` and ``unavailable``: not written, ``error`` says why.
    ``overwritten``: what somebody else wrote between the last look and our write; ``replaced``: what somebody else
    wrote over ours before it was read back. ``sent``: whether something was written, also where the contact is gone by
    now. ``author``: as whom HubSpot noted our value (``crm.write.evidence.signed``). ``created``: the id of a new
    contact that could not be read back.
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
    def record(self) -> Recorded:
        """The outcome as the ledger keeps it."""
        return Recorded(
            outcome=self.status,
            contact_id=self.contact.id if self.contact else self.change.contact_id or self.created,
            contact=replace(self.contact, history={}) if self.contact else None,
            unchanged=self.unchanged,
            overwritten=self.overwritten,
            replaced=self.replaced,
            correlation_ids=self.correlation_ids,
            code=self.error.code if self.error else None,
            params=self.error.params if self.error else {},
            sent=self.sent,
            author=self.author,
        )
