"""Makes outside data storable: no halves of surrogate pairs in text, and no numbers above 64 bits."""

import json
from math import isfinite
from typing import Any

from langchain_core.messages import HumanMessage

HALF = "\ufffd"  # what stands for a character that cannot be read
_DIGITS = 19  # of a number, with its sign: every number of so many characters fits into 64 bits


def whole(text: str) -> str:
    """Replace each half of a surrogate pair, which no file or database can store, with HALF."""
    return "".join(HALF if "\ud800" <= character <= "\udfff" else character for character in text)


def read_json(text: str) -> Any:
    """Parse JSON of unknown origin; a number too large to store stays text. Raises ValueError."""
    return _whole(json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=str))


def storable(message: HumanMessage) -> HumanMessage:
    """Return the person's message with a text that can be stored."""
    return message.model_copy(update={"content": _whole(message.content)})


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _decimal(digits: str) -> float | str:
    return number if isfinite(number := float(digits)) else digits


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {whole(str(key)): _whole(part) for key, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else value
