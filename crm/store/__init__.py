"""What is kept on disk: the ledger of writes, the audit trail, and who is at work on a change."""

from crm.store.audit import Event, Kind, events, verify
from crm.store.audit.personal import text
from crm.store.engine import Database, UnusableDatabase, empty_log, unusable
from crm.store.files import private_folder
from crm.store.ledger import Ledger

__all__ = [
    "Database",
    "Event",
    "Kind",
    "Ledger",
    "UnusableDatabase",
    "empty_log",
    "events",
    "private_folder",
    "text",
    "unusable",
    "verify",
]
