"""Understanding of Danish and English words: tokens, numbers, cleared fields, and where a value comes from."""

from language.cleared_fields import clearing_words, keeping
from language.grounding import sources
from language.pasted import (
    PastedPerson,
    has_closing,
    is_address_list,
    is_greeting,
    is_thread,
    plain_text,
    read_pasted,
)
from language.tokens import Token, clean_message, is_email, tokenize
from language.vocabulary import country_names, is_family_name, is_given_name, is_ordinary, is_place

__all__ = [
    "PastedPerson",
    "Token",
    "clean_message",
    "clearing_words",
    "country_names",
    "has_closing",
    "is_address_list",
    "is_email",
    "is_family_name",
    "is_given_name",
    "is_greeting",
    "is_ordinary",
    "is_place",
    "is_thread",
    "keeping",
    "plain_text",
    "read_pasted",
    "sources",
    "tokenize",
]
