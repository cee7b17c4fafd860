"""What is kept on disk: the ledger of writes, the audit trail, and who is at work on a change."""

from crm.store.audit.__main__ import main
from crm.store.audit.personal import text
from crm.store.engine import Database, UnusableDatabase, empty_log
from crm.store.files import private_folder
from crm.store.ledger import Ledger

__all__ = ["Database", "Ledger", "UnusableDatabase", "empty_log", "main", "private_folder", "text"]
