"""What people say: which values and fields stand in their words."""

from language.cleared_fields import keeping
from language.grounding import sources

__all__ = ["keeping", "sources"]
