"""From a message and the desk to the next step: a tool to call or a sentence to say."""

from collections.abc import Mapping
from typing import Any

from crm.fields import fold

from .details import read_details
from .followups import answer, continued, is_correction
from .lexicon import phrases, single
from .search import read_search
from .turn import Call, Say, Step, Turn, draft
from .update import Update, read_update
from .values import is_name, is_small

_STATEMENT = {"change", "now", "new"}
_TYPES = {"email", "phone", "url", "domain"}


def decide(said: str, desk: Mapping[str, Any], region: str) -> Step:
    """The next step for what the user said."""
    turn = Turn(said, desk, region)
    if not turn.folds and not turn.kinds() & {"text"}:
        return answer(turn) or Say("guided-empty")
    return (
        _choice(turn)
        or answer(turn)
        or _small_talk(turn)
        or _out_of_scope(turn)
        or _asked_about(turn)
        or _command(turn)
        or continued(turn)
        or _statement(turn)
        or _by_button(turn)
        or _bare(turn)
    )


def _choice(turn: Turn) -> Step | None:
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


def _small_talk(turn: Turn) -> Step | None:
    folds = turn.folds
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


def _out_of_scope(turn: Turn) -> Step | None:
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
                and not turn.intent == "update"
            ):
                return Say("guided-contacts-only")
    return None


def _within_name(turn: Turn, i: int) -> bool:
    """Whether the word at ``i`` is a capitalised part of a name (``Python Hansen``, ``Rap``)."""
    listed = turn.text.split()
    if i >= len(listed) or i == 0:
        return False
    return listed[i][:1].isupper() and listed[i - 1][:1].isupper() and turn.text != turn.text.upper()


def _asked_about(turn: Turn) -> Step | None:
    """A question about the contact in focus: "hvad er hendes mail?"."""
    looks = turn.verb is not None and turn.verb.value in ("search", "ask")
    if looks and "person" in turn.kinds() and not turn.kinds() & {"text", "email", "phone", "domain"}:
        if turn.focus:
            return Call("get_contact", {"contact": str(turn.focus["id"])})
        return Say("guided-ask-search", {}, draft("search"))
    picks = [p for p in turn.pieces if p.kind == "pick"]
    if looks and picks and turn.shown and (found := turn.picked(picks[0].value)):
        return Call("get_contact", {"contact": str(found["id"])})
    return None


def _command(turn: Turn) -> Step | None:
    verb = turn.verb
    if verb is None:
        return None
    group = verb.value
    if group in ("update", "move", "rename", "clear"):
        return _merged(turn) or _update(turn, group)
    if group == "delete":
        return _delete(turn)
    if group == "add":
        return _add(turn)
    if group == "create":
        return _create(turn)
    if group == "ask" and (_statement_words(turn) and not turn.asked):
        return None
    if group == "ask" and not _askable(turn):
        return None
    return _search(turn)


def _statement_words(turn: Turn) -> bool:
    return bool(turn.kinds() & _STATEMENT)


def _askable(turn: Turn) -> bool:
    """Whether a question word is about contacts: it names someone, a field or a kind of contact."""
    kinds = turn.kinds()
    if kinds & (_TYPES | {"label", "from", "in"}):
        return True
    if any(p.kind == "filler" and fold(turn.words(p)) in single("fillers", "nouns") for p in turn.pieces):
        return True
    texts = [turn.words(p) for p in turn.pieces if p.kind == "text"]
    if any(fold(t.split()[0]) in single("filters", "plural") for t in texts):
        return True
    return any(
        is_name(t)
        and (
            t[:1].isupper()
            or fold(turn.words(turn.verb)) in ("hvemer", "whois", "whos", "harvi", "dowehave", "kendervi")
        )
        for t in texts
        if turn.verb
    )


def _merged(turn: Turn) -> Step | None:
    """A correction of what waits in the draft: "ret firmaet til Nordlys" while a new contact is being collected."""
    if turn.draft.get("action") != "create" or not turn.draft_values:
        return None
    found = read_update(turn.text, turn.pieces, "update", turn.known_names)
    if found.values and (found.ref is None or found.ref.kind == "person"):
        return Call("create_contact", {"properties": {**turn.draft_values, **found.values}})
    return None


def _update(turn: Turn, group: str) -> Step:
    found = read_update(turn.text, turn.pieces, group, turn.known_names)
    return update_step(turn, found)


def update_step(turn: Turn, found: Update) -> Step:
    """The call, or the question, that an update comes to."""
    if found.ref is not None and found.ref.kind == "pick" and turn.contact(found.ref) is None:
        return Say("guided-no-such-number", {"number": found.ref.text}) if turn.shown else Say("guided-nothing-shown")
    contact = turn.contact(found.ref)
    if not found.values and found.missing:
        return Say("guided-ask-value", {"field": found.missing[0]}, draft("update", contact, {}, found.missing[0]))
    if contact is None:
        return Say("guided-ask-who" if found.values else "guided-ask-update", {}, draft("update", None, found.values))
    return Call("update_contact", {"contact": contact, "properties": found.values})


def _delete(turn: Turn) -> Step:
    """Removing a field is an update; removing a contact is not offered."""
    labels = [i for i, p in enumerate(turn.pieces) if p.kind == "label"]
    if (
        not labels
        or any(i and turn.pieces[i - 1].kind == "with" for i in labels)
        or turn.pieces[labels[0]].value == "name"
    ):
        return Say("guided-no-delete")
    return _update(turn, "delete")


def _add(turn: Turn) -> Step:
    """ "tilføj telefon … til Mette" corrects; "tilføj Mette …" creates."""
    pieces = [p for p in turn.pieces if p.kind not in ("filler", "new", "and", "sep")]
    first = next((p for p in pieces if turn.verb and p.start >= turn.verb.end), None)
    someone = any(p.kind in ("person", "pick") for p in pieces)
    found = read_update(turn.text, turn.pieces, "add", turn.known_names)
    points = any(p.kind in ("to", "of") for p in pieces)
    if first is None:
        return _create(turn)
    if someone or (
        points
        and found.values
        and found.ref
        and found.ref.kind == "text"
        and fold(found.ref.text) not in single("filters", "places")
    ):
        return update_step(turn, found)
    if first.kind in ("label", "phone") and first.value not in ("name", "firstname", "lastname", "email"):
        if turn.draft.get("action") == "create":
            return Call(
                "create_contact", {"properties": {**turn.draft_values, **read_details(turn.text, turn.pieces).values}}
            )
        return update_step(turn, found)
    return _create(turn)


def _create(turn: Turn) -> Step:
    found = read_details(turn.text, turn.pieces).values
    if not found:
        return Say("guided-ask-create", {}, draft("create"))
    return Call("create_contact", {"properties": found})


def _search(turn: Turn) -> Step:
    found = read_search(turn.text, turn.pieces, turn.known_names)
    if not found.query and not found.filters and not found.everyone:
        return Say("guided-ask-search", {}, draft("search"))
    return Call("search_contacts", {"query": found.query, "filters": found.filters})


def _statement(turn: Turn) -> Step | None:
    """ "Jens er nu CFO hos Nordlys", "Mettes nye mail er …"."""
    if turn.asked or not turn.kinds() & (_STATEMENT | {"label", "is"}):
        return None
    kinds = turn.kinds()
    if not kinds & {"change", "now"} and not ("is" in kinds and "label" in kinds):
        return None
    if turn.intent == "create" and not kinds & {"change", "now"}:
        return None
    found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
    if not found.values or found.ref is None and turn.focus is None:
        return None
    return update_step(turn, found)


def _by_button(turn: Turn) -> Step | None:
    intent = turn.intent or ("search" if turn.draft.get("action") == "search" else None)
    if intent is None or (turn.asked and not turn.kinds() & _TYPES and intent != "search"):
        return None
    if intent == "create":
        values = read_details(turn.text, turn.pieces).values
        return Call("create_contact", {"properties": values}) if values else None
    if intent == "update":
        found = read_update(turn.text, turn.pieces, "button", turn.known_names)
        texts = found.ref.text if found.ref else ""
        if found.values or (
            found.ref and (found.ref.kind != "text" or "@" in texts or is_name(texts) or texts.isdigit())
        ):
            return update_step(turn, found)
        return None
    return _search(turn) if _nameable(turn) else None


def _nameable(turn: Turn) -> bool:
    """Whether the message is no sentence but a name, a company, an address or a number to look for."""
    if turn.kinds() & _TYPES:
        return len(turn.folds) <= 12
    texts = [turn.words(p) for p in turn.pieces if p.kind == "text"]
    words = [w for t in texts for w in t.split()]
    if turn.kinds() & {"change"} or not words:
        return bool(turn.kinds() & {"label", "in", "from"} and words)
    return len(words) <= 6 and not any(w == w.lower() and is_small(w) for w in words)


def _bare(turn: Turn) -> Step:
    """What says nothing but a name, an email or a number is looked for; the rest is asked about once."""
    labels = [p for p in turn.pieces if p.kind == "label"]
    if labels and turn.focus and not turn.asked:
        found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
        if (found.values or found.missing) and (found.ref is None or found.ref.kind == "person"):
            return update_step(turn, found)
    if _nameable(turn) and (turn.verb is None) and (not turn.asked or len(turn.folds) <= 4):
        return _search(turn)
    if is_correction(turn) and turn.focus:
        found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
        if found.values:
            return update_step(turn, found)
    return Say("guided-out-of-scope" if turn.asked else "guided-unclear")
