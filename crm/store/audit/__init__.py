"""The audit trail: appends lines, reads them, and verifies that nobody has changed them."""

from crm.store.audit.trail import Event, Kind, append, details_hash, events, spans
from crm.store.audit.verifying import Verdict, verify

__all__ = ["Event", "Kind", "Verdict", "append", "details_hash", "events", "spans", "verify"]
