"""What is true of contacts without a model: find them, propose changes, and make the approved ones."""

from crm.domain import Change, Outcome, errors
from crm.portal import Portal, open_portal

__all__ = ["Change", "Outcome", "Portal", "errors", "open_portal"]
