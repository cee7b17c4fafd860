"""What is kept on disk: the ledger of writes, the audit trail, and who is at work on a change."""

from crm.store import tables
from crm.store.audit.__main__ import main
from crm.store.audit.personal import text
from crm.store.audit.trail import Event, append, spans
from crm.store.earlier import expired_folders, folders, set_aside
from crm.store.engine import (
    Database,
    UnusableDatabase,
    all_values,
    backups,
    compact,
    connect,
    empty_log,
    overwrite,
    transaction,
    typed_errors,
)
from crm.store.files import private_file, private_folder
from crm.store.ledger import Ledger

__all__ = [
    "Database",
    "Event",
    "Ledger",
    "UnusableDatabase",
    "all_values",
    "append",
    "backups",
    "compact",
    "connect",
    "empty_log",
    "expired_folders",
    "folders",
    "main",
    "overwrite",
    "private_file",
    "private_folder",
    "set_aside",
    "spans",
    "tables",
    "text",
    "transaction",
    "typed_errors",
]
