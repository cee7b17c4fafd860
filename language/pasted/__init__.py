"""Reads what people paste into contact fields: vCards, tables and lists, signatures and labelled lines."""

from language.pasted.person import PastedPerson
from language.pasted.reader import is_address_list, is_thread, plain_text, read_pasted
from language.pasted.signatures import has_closing, is_greeting

__all__ = ["PastedPerson", "has_closing", "is_address_list", "is_greeting", "is_thread", "plain_text", "read_pasted"]
