"""Two commands, or two people, in one message: the user is asked whether to start with the first."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from crm.domain import fold

from .lexicon import phrases, word_set
from .recognisers import is_full_name, is_name
from .search_parser import read_search
from .turn import Call, Say, Step, Turn, new_draft
from .update_parser import ParsedUpdate, read_update

_MAX_WORDS = 60  # a longer text is pasted, not a row of commands
_MAX_QUOTED = 80  # characters of the first request in the question
_WORD = re.compile(r"\S+")
_JOINING = ("and", "separator")
# the groups of verbs that can begin a second command -> what they do
_ACTIONS = {"search": "search", "ask": "search", "create": "create", "update": "update", "rename": "update"}


def multiple_requests(turn: Turn, decide: Callable[[Turn], Step | None]) -> Step | None:
    """The question whether to start with the first request, where a message holds two; ``decide`` reads the first."""
    if len(turn.folds) > _MAX_WORDS:
        return None
    end = _end_of_command(turn) or _end_of_person(turn) or _end_of_update(turn)
    if not end:
        return None
    first = turn.text[:end].rstrip(" ,;.!\n")
    step = decide(Turn(first, turn.desk, turn.region))
    if isinstance(step, Say) or (step and step.name == "get_contact"):
        return step
    quoted = first if len(first) <= _MAX_QUOTED else f"{first[:_MAX_QUOTED]}…"
    return Say("guided-one-at-a-time", {"first": quoted}, _draft_of(step) if step else None)


def _draft_of(call: Call) -> dict[str, Any] | None:
    """The call as a draft: a yes to the question carries it out."""
    given = call.arguments
    if call.name == "search_contacts":
        return new_draft("search", None, {"query": given["query"], **given["filters"]})
    if "properties" not in given:
        return None
    return new_draft("create" if call.name == "create_contact" else "update", given.get("contact"), given["properties"])


def _end_of_command(turn: Turn) -> int:
    """Where the first command ends, when a second one about someone else follows; otherwise 0."""
    words = list(_WORD.finditer(turn.text))
    folds = [fold(word.group()) for word in words]
    joining = word_set("connectors", "and") | word_set("multiple_requests", "then")
    for i in range(2, len(words) - 1):
        joined = folds[i - 1] in joining
        if not (joined or _is_clause_end(turn, words[i - 1], words[i])) or not _is_second_verb(folds, i):
            continue
        last = i - 2 if joined else i - 1  # word of the first command
        first = Turn(turn.text[: words[last].end()], {}, turn.region)
        if _is_independent(first, Turn(turn.text[words[i].start() :], {}, turn.region)):
            return words[last].end()
    return 0


def _is_clause_end(turn: Turn, word: re.Match[str], after: re.Match[str]) -> bool:
    return word.group()[-1] in ".,;!?" or "\n" in turn.text[word.end() : after.start()]


def _is_second_verb(folds: list[str], i: int) -> bool:
    verb = phrases("verbs").at(folds, i) if folds[i] else None
    return verb is not None and verb[0] in _ACTIONS


def _is_independent(first: Turn, second: Turn) -> bool:
    """Whether the second command names another contact, or does something else with a contact that it names."""
    if not first.verb or not first.kinds & {"text", "email", "phone", "pronoun", "position"}:
        return False
    if _ACTIONS.get(second.verb_group) == "update":
        return _updates_another(first, second)
    search = read_search(second.text, second.chunks)
    return bool(second.verb and (search.query or search.filters) and second.kinds & {"text", "email", "phone"})


def _updates_another(first: Turn, second: Turn) -> bool:
    found = read_update(second.text, second.chunks, "update")
    if not (found.values or found.missing):
        return False
    if _ACTIONS.get(first.verb_group) == "search" and found.mention is not None:
        return True
    name, before = found.mentioned_text, read_update(first.text, first.chunks, "update").mention
    return name[:1].isupper() and is_name(name) and fold(name) not in fold(before.text if before else "")


def _end_of_person(turn: Turn) -> int:
    """Where the first of two people ends: "Line Dam og Karen Holm", "A a@x og B b@y"; otherwise 0."""
    if turn.verb is None or turn.verb_group not in ("search", "create", "add"):
        return 0
    chunks = turn.chunks_behind(turn.verb)
    names = [i for i, c in enumerate(chunks) if c.kind == "text" and is_full_name(turn.text_of(c))]
    if names[:1] != [0]:
        return 0
    kinds = [c.kind for c in chunks]
    second = next((i for i in names[1:] if _is_second_person(kinds, i)), 0)
    last = next((i for i in range(second - 1, 0, -1) if kinds[i] not in _JOINING), 0)
    return chunks[last].end if second else 0


def _is_second_person(kinds: Sequence[str], i: int) -> bool:
    """Whether the name at ``i`` is that of a second person: both have an email, or the names are all that is said."""
    both_emails = "email" in kinds[:i] and kinds[i + 1 : i + 2] == ["email"]
    return kinds[i - 1] in _JOINING and (both_emails or kinds == ["text", "and", "text"])


def _end_of_update(turn: Turn) -> int:
    """Where the first of two updates ends: "A's title to CFO and B's city to Ribe"; otherwise 0."""
    group = turn.verb_group or "statement"
    if group not in ("update", "move", "clear", "delete", "statement"):
        return 0
    words = list(_WORD.finditer(turn.text))
    for i in range(2, len(words) - 1):
        joined = fold(words[i - 1].group()) in word_set("connectors", "and")
        if not joined and not words[i - 1].group().endswith(","):
            continue
        end = words[i - 2 if joined else i - 1].end()
        parts = (Turn(text, {}, turn.region) for text in (turn.text[:end], turn.text[words[i].start() :]))
        if _are_different(*(_owner(read_update(part.text, part.chunks, group)) for part in parts)):
            return end
    return 0


def _owner(found: ParsedUpdate) -> str:
    """The full name of the contact that is updated, or ""."""
    name = found.mentioned_text
    return name if (found.values or found.missing) and is_full_name(name) else ""


def _are_different(one: str, other: str) -> bool:
    return bool(one and other) and fold(one) not in fold(other) and fold(other) not in fold(one)
