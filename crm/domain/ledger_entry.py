"""What the ledger knows of a change: who asked for it, what became of it, and since when nobody works on it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.outcome import Outcome, Status

WAITED_FOR = timedelta(hours=1)  # by then HubSpot shows what it ever will


@dataclass(frozen=True)
class LedgerEntry:
    """A claimed change with what is known of it.

    ``change`` is None where its values were erased or cannot be read; ``outcome`` is then None too, unless the caller
    passed the change. ``status``: what became of the change; None until an outcome is recorded. ``over_at``: the moment
    from which nobody works on the change; None where somebody may still work on it.
    """

    change: Change | None
    actor: Actor
    claimed_at: datetime
    status: Status | None = None
    outcome: Outcome | None = None
    finished_at: datetime | None = None
    over_at: datetime | None = None

    @property
    def waited_for(self) -> bool:
        """Whether other changes must wait until the outcome of this one is known."""
        return datetime.now(UTC) - self.claimed_at < WAITED_FOR

    @property
    def effect(self) -> Change | None:
        """The part of the change that HubSpot accepted: it may accept a call and leave some values as they were."""
        if self.change is None or self.outcome is None:
            return None
        rows = tuple(row for row in self.change.rows if row.property not in self.outcome.unchanged)
        nothing = not rows and self.change.action != "create" and not self.change.archives
        return None if nothing else self.change.model_copy(update={"rows": rows})

    @property
    def emails(self) -> list[str]:
        """The addresses of the contact, before the change and after it."""
        contact = self.outcome.contact if self.outcome else None
        held = [contact.properties.get("email")] if contact else []
        rows = self.change.rows if self.change else ()
        held += [value for row in rows if row.property == "email" for value in (row.before, row.after)]
        return [email.casefold() for email in held if email]

    @property
    def called(self) -> list[str]:
        """The names of the contact before and after the change, and its addresses up to the @."""
        contact = self.outcome.contact if self.outcome else None
        known = [re.sub("@.*", "", email) for email in self.emails]
        known += [contact.name] if contact else []
        return [*known, *([self.change.display] if self.change else [])]
