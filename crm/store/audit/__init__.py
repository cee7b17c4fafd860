"""The audit trail: its lines, what the ledger notes in them, and whether they are as they were written."""

from crm.store.audit.trail import Event, Kind, append, details_hash, events, spans
from crm.store.audit.verifying import Verdict, verify

__all__ = ["Event", "Kind", "Verdict", "append", "details_hash", "events", "spans", "verify"]
