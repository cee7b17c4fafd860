"""Messages that need no tool: numbers that point, greetings, help, and what is not offered."""

from crm.domain import fold

from .lexicon import phrases, single
from .turn import Call, Say, Step, Turn
from .values import is_small


def choice(turn: Turn) -> Step | None:
    """A number of the list, alone or with a word such as "vis"."""
    bare = turn.text.strip(" .#()")
    picks = [p for p in turn.pieces if p.kind == "pick"]
    if bare.isdigit() and bare.isascii() and len(bare) < 3 and not turn.awaiting:
        number = str(int(bare))
    elif (
        len(picks) == 1
        and turn.kinds() <= {"pick", "filler", "verb", "sep", "and", "person", "is"}
        and _only_looks(turn)
    ):
        number = picks[0].value
    else:
        return None
    if not turn.shown:
        return Say("guided-nothing-shown")
    found = turn.picked(number)
    if found is None:
        return Say("guided-no-such-number", {"number": number})
    contact = str(found["id"])
    if turn.draft.get("action") == "update" and turn.draft_values and turn.verb is None:
        return Call("update_contact", {"contact": contact, "properties": turn.draft_values})
    if turn.verb and turn.verb.value == "update":
        return Call("update_contact", {"contact": contact, "properties": {}})
    return Call("get_contact", {"contact": contact})


def _only_looks(turn: Turn) -> bool:
    return turn.verb is None or turn.verb.value in ("search", "ask", "update")


def small_talk(turn: Turn) -> Step | None:
    folds = turn.folds
    if folds[:1] and folds[0] in ("hvordan", "how") and turn.verb:
        return Say("guided-help")
    kind = phrases("smalltalk").whole(folds)
    if (
        kind is None
        and len(folds) <= 14
        and turn.kinds()
        <= {"filler", "sep", "text", "verb", "person", "is", "label", "of", "in", "with", "pick", "to", "from"}
    ):
        start = 0
        while start < len(folds) and (found := phrases("smalltalk").at(folds, start)):
            kind, start = found[0], start + found[1]
            if kind == "help":
                return Say("guided-help")
        rest = folds[start:]
        if kind and rest and not all(f in single("fillers", "polite") or is_small(f) for f in rest):
            kind = None
    return Say(f"guided-{kind}") if kind else None


def out_of_scope(turn: Turn) -> Step | None:
    if turn.kinds() & {"pick"} or (turn.verb and turn.verb.value in ("update", "delete", "clear", "move")):
        return None
    topics = phrases("scope", "topics")
    colon = next((p.start for p in turn.pieces if p.kind == "label" and p.colon), len(turn.text))
    head = [fold(w) for w in turn.text[:colon].split()][:12]
    for i in range(len(head)):
        if head[i] and topics.at(head, i) and not _within_name(turn, i):
            return Say("guided-out-of-scope")
    if turn.verb and turn.verb.value in ("create", "add"):
        text = [turn.words(p) for p in turn.pieces if p.kind in ("text", "label")]
        first = next((p for p in turn.pieces if p.start >= turn.verb.end and p.kind not in ("filler", "new")), None)
        if first and first.kind in ("label", "text") and not first.colon and text:
            word = fold(turn.words(first).split()[0])
            if (
                word in single("scope", "objects")
                and not turn.kinds() & {"email", "to", "of"}
                and turn.intent != "update"
            ):
                return Say("guided-contacts-only")
    return None


def _within_name(turn: Turn, i: int) -> bool:
    """Whether the word at ``i`` is a capitalised part of a name (``Python Hansen``, ``Rap``)."""
    listed = turn.text.split()
    if i >= len(listed) or i == 0:
        return False
    return listed[i][:1].isupper() and listed[i - 1][:1].isupper() and turn.text != turn.text.upper()
