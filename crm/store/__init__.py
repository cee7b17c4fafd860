"""Keeps on disk what must not be lost: the ledger of writes, the audit trail, and the locks of changes under way."""

from crm.store import tables
from crm.store.audit import Event, Kind, append, events, spans, verify
from crm.store.audit.personal import text
from crm.store.earlier import expire_folders, folders, set_aside
from crm.store.engine import (
    Database,
    UnusableDatabase,
    all_values,
    backups,
    compact,
    connect,
    connect_to_read,
    empty_log,
    overwrite,
    transaction,
    typed_errors,
    unusable,
)
from crm.store.files import CHATS, CONVERSATIONS, LEDGER, private_file, private_folder
from crm.store.ledger import Ledger
from crm.store.sqlite_file import SqliteFile, reason

__all__ = [
    "CHATS",
    "CONVERSATIONS",
    "LEDGER",
    "Database",
    "Event",
    "Kind",
    "Ledger",
    "SqliteFile",
    "UnusableDatabase",
    "all_values",
    "append",
    "backups",
    "compact",
    "connect",
    "connect_to_read",
    "empty_log",
    "events",
    "expire_folders",
    "folders",
    "overwrite",
    "private_file",
    "private_folder",
    "reason",
    "set_aside",
    "spans",
    "tables",
    "text",
    "transaction",
    "typed_errors",
    "unusable",
    "verify",
]
