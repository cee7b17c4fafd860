"""Reads the arguments that a model gives to a tool, and says in which form a tool wants them."""

import re
from collections.abc import Mapping
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ValidationError

MOST_PROBLEMS = 5
# what models write where they know no value
_NOTHING = {
    *("null", "nil", "undefined", "n/a", "n.a.", "na", "-", "--", "?", "unknown", "<unknown>", "unspecified", "tbd"),
    *("not known", "not specified", "not provided", "not given", "not available", "not applicable", "not mentioned"),
    *("ukendt", "ikke oplyst", "ikke angivet", "ikke kendt"),
}
_NOTHING_TO_WRITE = _NOTHING | {"none"}  # in a search it may stand for those without


def meant(given: Mapping[str, Any], said: str, *, read: bool) -> dict[str, Any]:
    """The arguments without those that stand for no value: null, and words such as "N/A" that the user has not said."""
    return {
        name: meant(value, said, read=read) if isinstance(value, dict) else value
        for name, value in given.items()
        if not _is_nothing(value, said, _NOTHING if read else _NOTHING_TO_WRITE)
    }


def _is_nothing(value: Any, said: str, nothing: set[str]) -> bool:
    if not isinstance(value, str):
        return value is None
    word = value.strip()
    if word.casefold() not in nothing:
        return False
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said, re.IGNORECASE) is None


def unknown(tool: BaseTool, given: Mapping[str, Any]) -> list[str]:
    """The names of arguments that the tool does not have; it ignores them."""
    return [name for name in given if name not in tool.args]


def problems(error: ValidationError) -> str:
    """Return what is wrong with each refused argument, without its value."""
    found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False)]
    return "; ".join(found[:MOST_PROBLEMS])


def form(tool: BaseTool) -> str:
    """The arguments of a tool as JSON that says what stands where."""
    return _form(convert_to_openai_tool(tool)["function"]["parameters"])


def _form(schema: Mapping[str, Any]) -> str:
    if options := [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]:
        return _form(options[0])
    if schema.get("type") == "object":
        parts = [f'"{name}": {_form(each)}' for name, each in schema.get("properties", {}).items()]
        others = schema.get("additionalProperties")
        more = [f'"<any property>": {_form(others)}'] if isinstance(others, dict) else []
        return "{" + ", ".join([*parts, *more]) + "}"
    if schema.get("type") == "array":
        return f"[{_form(schema.get('items') or {})}]"
    return "|".join(f'"{value}"' for value in schema.get("enum", ()) if value) or str(schema.get("type", "value"))


def schema_of(declared: BaseTool) -> dict[str, Any]:
    """The tool as a model is told of it (OpenAI's format), without defaults: every token is sent with every call."""
    return _without_defaults(convert_to_openai_tool(declared))


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    plain = {k: _without_defaults(v) if isinstance(v, dict) else v for k, v in schema.items()}
    # of a schema with a type, "default" is the default; among properties it would be the name of one
    return {k: v for k, v in plain.items() if k != "default"} if isinstance(plain.get("type"), str) else plain
