"""Finding contacts, also by misspelt names, and as if the search index did not lag."""

from crm.search.finding import by_id, details, find, search

__all__ = ["by_id", "details", "find", "search"]
