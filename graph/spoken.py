"""Reads what a model writes as text and does not mean as a reply: its thinking, and tool calls in words.

Some servers pass a model's markup on as it is. The text is read while it is streamed, so no piece of it is shown before
it is known what it is.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

LONGEST = 50_000  # characters of the calls in a text
# where thinking begins -> where it ends
_THINKING = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[think]": "[/think]",
}
UNOPENED = "</think>"  # some chat templates write the opening tag into the prompt, so that only this one is streamed
# what no reply holds: from here to the end stand calls
_TAGS = ("<tool_call", "<function", "<invoke", "[tool_calls]", "functools[", "<|", "<｜")
# what may begin a call: anywhere, and at the beginning of a line
_OBJECTS = ('{"name"', '{ "name"', '{"function"', '{"type"', "{\n")
_LINES = ("{", "[{", "[\n", "```")
_MARKS = (UNOPENED, *_THINKING, *_TAGS, *_OBJECTS)
_OPENS = re.compile("|".join(map(re.escape, _MARKS)) + "|" + "|".join(rf"^{re.escape(m)}" for m in _LINES), re.I | re.M)
_LONGEST_MARK = max(map(len, _MARKS))
_PARAMETER = re.compile(r"<parameter(?:=| name=\"?)([^\">]+)\"?>(.*?)</parameter>", re.S)
_ENCLOSED = ("arguments", "parameters", "args")
Call = tuple[str, dict[str, Any]]


class MalformedCall(Exception):
    """The text is a tool call that cannot be read, or one of a tool that does not exist."""


class Spoken:
    """Reads a text piece by piece. ``thinks``: it begins with thinking that no tag opens."""

    def __init__(self, tools: Collection[str], *, thinks: bool = False) -> None:
        self._tools = tools
        self._waits = ""  # what the next piece may complete to a mark
        self._ends = UNOPENED if thinks else ""  # the mark that ends the thinking which is being read
        self._unopened = thinks
        self._thought = ""  # thinking that may turn out to be the reply
        self._call: str | None = None
        self._line = True  # the text read so far ends a line, or is empty
        self._said = False
        self.thinks = thinks

    def hear(self, piece: str) -> str:
        """Take the next piece of the text; return what can be shown of it and of earlier ones."""
        self._waits += piece
        shown = ""
        while self._waits and self._call is None:
            more, decided = self._think() if self._ends else self._talk()
            shown += more
            if not decided:
                return self._show(shown)
        if self._call is not None:
            self._call += self._waits
            self._waits = ""
            if len(self._call) > LONGEST:
                raise MalformedCall
        return self._show(shown)

    def end(self) -> tuple[str, list[Call]]:
        """Return the remaining text to show, and the calls. Raises MalformedCall if a call cannot be parsed."""
        if self._call is not None:
            if calls := read_calls(self._call, self._tools):
                return "", calls
            if _like_a_call(self._call):
                raise MalformedCall
            return self._show(_without_thinking(self._call)), []
        if self._unopened and self._ends:  # it did not think
            again = Spoken(self._tools)
            shown = again.hear(self._thought + self._waits)
            rest, calls = again.end()
            self.thinks = False
            return shown + rest, calls
        return self._show("" if self._ends else self._waits), []

    def _think(self) -> tuple[str, bool]:
        found = re.search(re.escape(self._ends), self._waits, re.I)
        thought = found.start() if found else max(0, len(self._waits) - len(self._ends))
        if self._unopened:
            self._thought += self._waits[:thought]
        self._waits = self._waits[found.end() if found else thought :]
        if found:
            self._ends, self._line = "", True
        return "", found is not None

    def _talk(self) -> tuple[str, bool]:
        found = next(self._found(), None)
        if found is None:
            kept = _begun(self._waits)
            return self._take(len(self._waits) - kept), False
        mark = found[0].lower()
        said = self._take(found.start())
        if mark in _THINKING:
            self._ends, self._unopened, self._waits = _THINKING[mark], False, self._waits[len(mark) :]
        elif mark == UNOPENED:  # it stays: whoever reads the whole answer sees by it what was thinking
            said += self._take(len(mark))
            self._line = True
        else:
            self._call = ""
        return said, True

    def _found(self) -> Iterator[re.Match[str]]:
        for found in _OPENS.finditer(self._waits):
            if found.start() or self._line or found[0].lower() in _MARKS:
                yield found

    def _take(self, length: int) -> str:
        taken, self._waits = self._waits[:length], self._waits[length:]
        if taken:
            self._line = taken.endswith("\n")
        return taken

    def _show(self, text: str) -> str:
        """The text, without the empty lines that stand between thinking and reply."""
        shown = text if self._said else text.lstrip()
        self._said = self._said or bool(shown)
        return shown


def _begun(text: str) -> int:
    """How many characters at the end of the text may be the beginning of a mark."""
    return next((n for n in range(min(_LONGEST_MARK, len(text)), 0, -1) if _begins(text, n)), 0)


def _begins(text: str, length: int) -> bool:
    end = text[-length:].lower()
    first = length == len(text) or text[-length - 1] == "\n"
    return any(mark.startswith(end) for mark in (*_MARKS, *(_LINES if first else ())))


def after_thinking(text: str) -> str:
    """The text behind thinking that no tag opened."""
    return re.split(UNOPENED, text, flags=re.I)[-1].lstrip() if UNOPENED in text.lower() else text


def read_calls(text: str, tools: Collection[str]) -> list[Call]:
    """The tool calls that a text holds, as JSON or as tags; none where one of them is of no tool or not well formed."""
    objects = [each for value in _json_values(text) for each in (value if isinstance(value, list) else [value])]
    tagged = "<parameter" in text or not objects
    calls = _of_tags(text) if tagged else [_of_object(each) for each in objects]
    if not all(calls):
        calls = _of_names(text, tools)
    read = [call for call in calls if call is not None]
    return read if len(read) == len(calls) and all(name in tools for name, _ in read) else []


def _json_values(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while (begin := re.compile(r"[\[{]").search(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            at = begin.end()
            continue
        if value and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))):
            yield value


def _of_object(value: Any) -> Call | None:
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    value = inner if isinstance(inner, dict) else value
    given = next((value[key] for key in _ENCLOSED if key in value), None)
    return _call(value.get("name"), given)


def _of_names(text: str, tools: Collection[str]) -> list[Call | None]:
    """Calls whose tool is named before a JSON object with the arguments."""
    named = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, tools))})(?!\w)[^{{}}]{{0,60}}?(?={{)") if tools else None
    calls: list[Call | None] = []
    for found in named.finditer(text) if named else ():
        try:
            given, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return []
        calls.append(_call(found[1], given))
    return calls


def _of_tags(text: str) -> list[Call | None]:
    """Calls whose arguments are tags: <function=NAME><parameter=KEY>VALUE</parameter></function>."""
    parts = re.split(r"<(?:function=|invoke name=\"?)([^\">]+)\"?>", text)
    return [_call(name.strip(), _parameters(body)) for name, body in zip(parts[1::2], parts[2::2], strict=True)]


def _parameters(body: str) -> dict[str, Any]:
    return {name.strip(): _value(value.strip()) for name, value in _PARAMETER.findall(body)}


def _value(text: str) -> Any:
    """An object or a list that a tag holds as JSON; any other text as it stands."""
    try:
        return json.loads(text) if text.startswith(("{", "[")) else text
    except (ValueError, RecursionError):
        return text


def _call(name: Any, given: Any) -> Call | None:
    """A call from its parts; arguments may be encoded once more."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    return (name, given) if isinstance(name, str) and isinstance(given, dict) else None


def _like_a_call(text: str) -> bool:
    low = text.lower()
    named: Sequence[str] = re.findall(r'"(name|arguments|parameters|args|function)"\s*:', low)
    return any(tag in low for tag in _TAGS) or ("name" in named and len(set(named)) > 1)


def _without_thinking(text: str) -> str:
    for opens, ends in _THINKING.items():
        text = re.sub(rf"{re.escape(opens)}.*?(?:{re.escape(ends)}|$)", "", text, flags=re.I | re.S)
    return text
