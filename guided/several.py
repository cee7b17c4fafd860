"""Two commands, or two people, in one message: they are taken one at a time."""

import re
from collections.abc import Callable

from crm.domain import fold

from .commands import command
from .lexicon import phrases, single
from .search import read_search
from .turn import Call, Say, Step, Turn, draft
from .update import read_update
from .values import is_company, is_name, is_title

_MOST = 60  # words: a longer text is pasted, not a row of commands
_SHOWN = 80
_WORD = re.compile(r"\S+")
_GROUPS = {"search": "search", "ask": "search", "create": "create", "update": "update", "rename": "update"}


def several(turn: Turn, decide: Callable[[Turn], Step | None] = command) -> Step | None:
    """The question whether to begin with the first, where a message holds more than one command."""
    if not len(turn.folds) <= _MOST:
        return None
    at = _second_command(turn) or _second_person(turn) or _second_contact(turn)
    if not at:
        return None
    first = turn.text[:at].rstrip(" ,;.!\n")
    step = decide(Turn(first, turn.desk, turn.region))
    if isinstance(step, Say) or (isinstance(step, Call) and step.name == "get_contact"):
        return step
    kept = None
    if isinstance(step, Call) and step.name == "search_contacts":
        kept = draft("search", None, {"query": step.arguments["query"], **step.arguments["filters"]})
    elif isinstance(step, Call) and "properties" in step.arguments:
        action = "create" if step.name == "create_contact" else "update"
        kept = draft(action, step.arguments.get("contact"), step.arguments["properties"])
    short = first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"
    return Say("guided-one-at-a-time", {"first": short}, kept)


def _second_command(turn: Turn) -> int:
    """Where the first command ends, when another one about someone else follows; 0 without."""
    found = list(_WORD.finditer(turn.text))
    folds = [fold(word.group()) for word in found]
    for i in range(2, len(found) - 1):
        before = found[i - 1].group()
        joined = folds[i - 1] in single("connectors", "and") or folds[i - 1] in single("several", "then")
        cut = joined or before[-1] in ".,;!?" or "\n" in turn.text[found[i - 1].end() : found[i].start()]
        if not cut or not folds[i] or not (verb := phrases("verbs").at(folds, i)) or verb[0] not in _GROUPS:
            continue
        end = i - 1 if joined else i
        if end and _is_own(turn, Turn(turn.text[: found[end - 1].end()], {}, turn.region), found[i].start()):
            return found[end - 1].end()
    return 0


def _is_own(turn: Turn, first: Turn, start: int) -> bool:
    """Whether what starts there is a command of its own: it names someone else, or does something else with the one."""
    second = Turn(turn.text[start:], {}, turn.region)
    if first.verb is None or second.verb is None or not (first.kinds() & {"text", "email", "phone", "person", "pick"}):
        return False
    group, before = _GROUPS.get(second.verb.value), _GROUPS.get(first.verb.value)
    if group == "update":
        found = read_update(second.text, second.pieces, "update")
        if not (found.values or found.missing):
            return False
        ref = found.ref.text if found.ref and found.ref.kind == "text" else ""
        mine = read_update(first.text, first.pieces, "update").ref
        named = ref[:1].isupper() and is_name(ref) and fold(ref) not in fold(mine.text if mine else "")
        return named or (before == "search" and found.ref is not None)
    looked = read_search(second.text, second.pieces)
    return bool(looked.query or looked.filters) and bool(second.kinds() & {"text", "email", "phone"})


def _second_person(turn: Turn) -> int:
    """Where the first of two people ends: "Line Dam og Karen Holm", "A a@x og B b@y"; 0 without."""
    if turn.verb is None or turn.verb.value not in ("search", "create", "add"):
        return 0
    pieces = [p for p in turn.pieces if p.start >= turn.verb.end and p.kind not in ("filler", "new")]
    names = [i for i, p in enumerate(pieces) if p.kind == "text" and _is_full_name(turn.words(p))]
    if not names or names[0] != 0:
        return 0
    for i in names[1:]:
        gap = next((j for j in range(i - 1, 0, -1) if pieces[j].kind not in ("and", "sep")), 0)
        if gap == i - 1:
            continue
        own = i + 1 < len(pieces) and pieces[i + 1].kind in ("email", "phone")
        mine = any(p.kind == "email" for p in pieces[:i])
        bare = all(p.kind in ("text", "and") for p in pieces) and len(pieces) == 3
        if (own and mine and pieces[i + 1].kind == "email") or bare:
            return pieces[gap].end
    return 0


def _second_contact(turn: Turn) -> int:
    """Where the first of two corrections ends: "A's title to CFO and B's city to Ribe"; 0 without."""
    group = turn.verb.value if turn.verb else "statement"
    if group not in ("update", "move", "clear", "delete", "statement"):
        return 0
    found = list(_WORD.finditer(turn.text))
    for i in range(2, len(found) - 1):
        joined = fold(found[i - 1].group()) in single("connectors", "and")
        end = found[i - 2 if joined else i - 1].end()
        if joined or found[i - 1].group().endswith(","):
            first, second = (Turn(text, {}, turn.region) for text in (turn.text[:end], turn.text[found[i].start() :]))
            mine, theirs = (_whose(part, group) for part in (first, second))
            if mine and theirs and fold(mine) not in fold(theirs) and fold(theirs) not in fold(mine):
                return end
    return 0


def _whose(part: Turn, group: str) -> str:
    """The full name of whom a correction is of; "" where it is none, or of nobody by that."""
    read = read_update(part.text, part.pieces, group)
    name = read.ref.text if read.ref and read.ref.kind == "text" else ""
    return name if (read.values or read.missing) and _is_full_name(name) else ""


def _is_full_name(text: str) -> bool:
    listed = text.split()
    named = 1 < len(listed) <= 4 and all(w[:1].isupper() for w in (listed[0], listed[-1]))
    return named and is_name(text) and not is_company(text) and not is_title(text)
