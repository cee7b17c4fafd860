"""Commands and questions: from a verb to the tool it asks for."""

from crm.domain import fold

from .details import read_details
from .keeping import without_aside
from .lexicon import single
from .placing import Update
from .search import read_search
from .tape import Piece
from .turn import Call, Say, Step, Turn, draft, one_phone
from .update import read_update
from .values import is_common, is_name, is_title, option, singular_title

STATEMENT = {"change", "now", "new", "former"}
TYPES = {"email", "phone", "url", "domain"}


def asked_about(turn: Turn) -> Step | None:
    """A question about the contact in focus: "hvad er hendes mail?"."""
    looks = turn.verb is not None and turn.verb.value in ("search", "ask")
    if looks and "person" in turn.kinds() and not turn.kinds() & TYPES and not _names_someone(turn):
        if turn.focus:
            return Call("get_contact", {"contact": str(turn.focus["id"])})
        return Say("guided-ask-search", {}, draft("search"))
    picks = [p for p in turn.pieces if p.kind == "pick"]
    if looks and picks and turn.shown and (found := turn.picked(picks[0].value)):
        return Call("get_contact", {"contact": str(found["id"])})
    return None


def _names_someone(turn: Turn) -> bool:
    texts = [turn.words(p) for p in turn.pieces if p.kind == "text"]
    return any(t[:1].isupper() for t in texts) or (bool(texts) and not turn.asked)


def command(turn: Turn) -> Step | None:
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
    if group == "ask" and (statement_words(turn) and not turn.asked):
        return None
    if group == "ask" and not _askable(turn):
        return None
    return search(turn)


def statement_words(turn: Turn) -> bool:
    return bool(turn.kinds() & STATEMENT)


def _askable(turn: Turn) -> bool:
    """Whether a question word is about contacts: it names someone, a field or a kind of contact."""
    kinds = turn.kinds()
    if kinds & (TYPES | {"label", "from", "in"}):
        return True
    if any(p.kind == "filler" and fold(turn.words(p)) in single("fillers", "nouns") for p in turn.pieces):
        return True
    texts = [_named_first(turn.words(p)) for p in turn.pieces if p.kind == "text"]
    if any(is_plural(t) for t in texts):
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


def _named_first(text: str) -> str:
    """The text without the ordinary words that end it: "Mette oprettet"."""
    listed = text.split()
    while len(listed) > 1 and listed[-1] == listed[-1].lower() and is_common(listed[-1]):
        listed.pop()
    return " ".join(listed)


def is_plural(text: str) -> bool:
    """Whether the text names a kind of contact: ``kunder``, ``bogholdere``."""
    first = text.split()[0] if text.strip() else ""
    return fold(first) in single("filters", "plural") or singular_title(first) is not None


def _merged(turn: Turn) -> Step | None:
    """A correction of what waits in the draft: "ret firmaet til Nordlys" while a new contact is being collected."""
    action = turn.draft.get("action")
    if action not in ("create", "update") or not turn.draft_values:
        return None
    found = read_update(turn.text, turn.pieces, "update", turn.known_names)
    if not found.values or (found.ref is not None and found.ref.kind != "person"):
        return None
    values = {**turn.draft_values, **one_phone(turn, found.values)}
    if action == "create":
        return Call("create_contact", {"properties": values})
    contact = turn.draft_contact
    return Call("update_contact", {"contact": contact, "properties": values}) if contact else None


def _update(turn: Turn, group: str) -> Step:
    if group not in ("clear", "delete"):
        turn = turn.saying(without_aside(turn.text))
    found = read_update(turn.text, turn.pieces, group, turn.known_names)
    left = {k: v for k, v in turn.draft_values.items() if k not in found.values}
    if group in ("clear", "delete") and len(left) < len(turn.draft_values) and turn.draft.get("action") == "create":
        return Call("create_contact", {"properties": left})
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
    named = first is not None and _is_person_named(turn, first)
    someone = any(p.kind in ("person", "pick") for p in pieces) and not named
    found = read_update(turn.text, turn.pieces, "add", turn.known_names)
    points = any(p.kind in ("to", "of") for p in pieces) and not named
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
            return Call("create_contact", {"properties": {**turn.draft_values, **read_details(turn.text, turn.pieces)}})
        return update_step(turn, found)
    return _create(turn)


def _is_person_named(turn: Turn, piece: Piece) -> bool:
    text = turn.words(piece)
    return piece.kind == "text" and is_name(text) and not is_title(text) and text[:1].isupper()


def _create(turn: Turn) -> Step:
    turn = turn.saying(without_aside(turn.text, new=True))
    found = read_details(turn.text, turn.pieces)
    at = turn.pieces.index(turn.verb) if turn.verb in turn.pieces else 0
    if (
        found
        and at
        and turn.verb
        and turn.pieces[at - 1].kind in ("is", "as")
        and (stage := _stage(turn.words(turn.verb)))
    ):
        found.setdefault("lifecyclestage", stage)
    if not found and at and turn.focus and turn.verb and (stage := _stage(turn.words(turn.verb))):
        return Call("update_contact", {"contact": str(turn.focus["id"]), "properties": {"lifecyclestage": stage}})
    if not found:
        return Say("guided-ask-create", {}, draft("create"))
    if turn.asked and found.keys() == {"firstname"} and found["firstname"] not in turn.text:
        return Say("guided-out-of-scope")
    return Call("create_contact", {"properties": found})


def _stage(text: str) -> str | None:
    """The lifecycle stage that a phrase such as ``ny kunde`` ends in."""
    return option(text.split()[-1])


def search(turn: Turn) -> Step:
    found = read_search(turn.text, turn.pieces, turn.known_names)
    if not found.query and not found.filters and not found.everyone:
        details = any(fold(turn.words(p)) in single("filters", "details") for p in turn.pieces)
        if details and turn.focus:
            return Call("get_contact", {"contact": str(turn.focus["id"])})
        return Say("guided-ask-search", {}, draft("search"))
    return Call("search_contacts", {"query": found.query, "filters": found.filters})
