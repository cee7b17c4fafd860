"""Turns requests into changes that can be shown: creations, updates and undos. Nothing is written here."""

from crm.changes.defaults import read_defaults
from crm.changes.propose import combined, create_change, propose_create, propose_update, update_change
from crm.changes.undo import propose_undo
from crm.changes.undo_request import UndoRequest

__all__ = [
    "UndoRequest",
    "combined",
    "create_change",
    "propose_create",
    "propose_undo",
    "propose_update",
    "read_defaults",
    "update_change",
]
