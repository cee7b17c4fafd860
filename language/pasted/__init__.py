"""Reads what people paste into contact fields: vCards, tables and lists, signatures and labelled lines."""

from language.pasted.person import PastedPerson
from language.pasted.reader import is_thread, plain_text, read_pasted

__all__ = ["PastedPerson", "is_thread", "plain_text", "read_pasted"]
