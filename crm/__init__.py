"""What is true of contacts without a model: find them, propose changes, and make the approved ones."""

from crm.portal import Portal, open_portal

__all__ = ["Portal", "open_portal"]
