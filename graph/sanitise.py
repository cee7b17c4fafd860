"""Makes data from outside storable: text without halves of surrogate pairs, and numbers of at most 64 bits."""

import json
from math import isfinite
from typing import Any

from langchain_core.messages import HumanMessage

HALF = "\ufffd"  # what stands for a character that cannot be read
_DIGITS = 19  # of a number, with its sign: every number of so many characters fits into 64 bits


def whole(text: str) -> str:
    """The text with HALF for each half of a surrogate pair, which no file and no database can store."""
    return "".join(HALF if "\ud800" <= character <= "\udfff" else character for character in text)


def read_json(text: str) -> Any:
    """Parses JSON of unknown origin. A number that cannot be stored stays the text that it was. Raises ValueError."""
    return _whole(json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=str))


def storable(message: HumanMessage) -> HumanMessage:
    """The same message of a person, with a text that can be kept."""
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
