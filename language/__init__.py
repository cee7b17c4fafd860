"""Understanding of Danish and English words: tokens, numbers, cleared fields, and where a value comes from."""

from language.cleared_fields import clearing_words, keeping
from language.grounding import sources
from language.tokens import Token, clean, is_email, tokenize

__all__ = ["Token", "clean", "clearing_words", "is_email", "keeping", "sources", "tokenize"]
