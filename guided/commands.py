"""Commands and questions about contacts: from the verb to the tool that it asks for."""

from crm.domain import fold

from .chunker import ADDRESSES, Chunk
from .create_parser import read_new_contact
from .drafts import call_with
from .finding import read_conditions
from .lexicon import word_set
from .negation import without_exclusions
from .recognisers import is_common_word, is_kind_of_contact, is_name, is_title, lifecycle_stage
from .search_parser import read_search
from .turn import (
    Call,
    Say,
    Step,
    Turn,
    call_create_contact,
    call_get_contact,
    call_update_contact,
    correct_phone,
    new_draft,
)
from .update_parser import ParsedUpdate, read_update

STATEMENT = {"change", "now", "new", "former"}
_CLEARING = ("clear", "delete")


def ask_about_focus(turn: Turn) -> Step | None:
    """A question about the contact in focus, or about one of the list: "hvad er hendes mail?"."""
    if turn.verb_group not in ("search", "ask"):
        return None
    if "pronoun" in turn.kinds and not turn.kinds & ADDRESSES and not _names_someone(turn):
        if turn.focus:
            return call_get_contact(str(turn.focus["id"]))
        return Say("guided-ask-search", {}, new_draft("search"))
    positions = turn.of_kind("position")
    found = turn.contact_at(positions[0].value) if positions else None
    return call_get_contact(str(found["id"])) if found else None


def _names_someone(turn: Turn) -> bool:
    return any(t[:1].isupper() for t in turn.texts) or (bool(turn.texts) and not turn.is_question)


def command(turn: Turn) -> Step | None:
    """The step that the first verb of the message asks for; None where it is no command."""
    group = turn.verb_group
    if group in ("update", "move", "rename", "clear"):
        return _update_draft(turn) or _update(turn, group)
    if group == "delete":
        return _delete(turn)
    if group == "add":
        return _add(turn)
    if group == "create":
        return _create(turn)
    if group == "search" or (group == "ask" and _asks_for_contacts(turn)):
        return search_step(turn)
    return None


def _asks_for_contacts(turn: Turn) -> bool:
    """Whether a question names someone, a field or a kind of contact."""
    if turn.kinds & STATEMENT and not turn.is_question:
        return False
    if turn.kinds & (ADDRESSES | {"label", "from", "in"}):
        return True
    if any(fold(turn.text_of(c)) in word_set("fillers", "nouns") for c in turn.of_kind("filler")):
        return True
    texts = [_without_common_end(text) for text in turn.texts]
    if any(is_kind_of_contact(text) for text in texts):
        return True
    who = turn.verb is not None and fold(turn.text_of(turn.verb)) in word_set("conversation", "who")
    return any(is_name(text) and (who or text[:1].isupper()) for text in texts)


def _without_common_end(text: str) -> str:
    """The text without the ordinary words at its end: "Mette oprettet"."""
    words = text.split()
    while len(words) > 1 and words[-1] == words[-1].lower() and is_common_word(words[-1]):
        words.pop()
    return " ".join(words)


def _update_draft(turn: Turn) -> Step | None:
    """An update of the draft: "ret firmaet til Nordlys" while a new contact is collected."""
    if not turn.drafts_contact or not turn.draft_values:
        return None
    found = read_update(turn.text, turn.chunks, "update", turn.known_names)
    if not found.values or found.names_contact:
        return None
    return call_with(turn, {**turn.draft_values, **correct_phone(turn, found.values)})


def _update(turn: Turn, group: str) -> Step:
    if group not in _CLEARING:
        turn = turn.with_text(without_exclusions(turn.text))
    found = read_update(turn.text, turn.chunks, group, turn.known_names)
    left = {k: v for k, v in turn.draft_values.items() if k not in found.values}
    if group in _CLEARING and len(left) < len(turn.draft_values) and turn.draft.get("action") == "create":
        return call_create_contact(left)
    return update_step(turn, found)


def update_step(turn: Turn, found: ParsedUpdate) -> Step:
    """The call, or the question, to which an update leads."""
    contact = turn.resolve(found.mention)
    if contact is None and found.mention is not None and found.mention.kind == "position":
        number = found.mention.text
        return Say("guided-no-such-number", {"number": number}) if turn.shown else Say("guided-nothing-shown")
    if not found.values and found.missing:
        return Say("guided-ask-value", {"field": found.missing[0]}, new_draft("update", contact, {}, found.missing[0]))
    if contact is None:
        return Say(
            "guided-ask-who" if found.values else "guided-ask-update", {}, new_draft("update", None, found.values)
        )
    return call_update_contact(contact, found.values)


def _delete(turn: Turn) -> Step:
    """Deleting the value of a field is an update; deleting a contact is not offered."""
    labels = turn.of_kind("label")
    after_with = any(c.kind == "label" and b.kind == "with" for b, c in zip(turn.chunks, turn.chunks[1:], strict=False))
    if not labels or after_with or labels[0].value == "name":
        return Say("guided-no-delete")
    return _update(turn, "delete")


def _add(turn: Turn) -> Step:
    """ "tilføj telefon … til Mette" updates; "tilføj Mette …" creates."""
    chunks = [c for c in turn.chunks if c.kind not in ("filler", "new", "and", "separator")]
    first = next((c for c in chunks if turn.verb and c.start >= turn.verb.end), None)
    if first is None:
        return _create(turn)
    found = read_update(turn.text, turn.chunks, "add", turn.known_names)
    if not _is_name(turn, first) and _adds_to_contact(turn, found):
        return update_step(turn, found)
    if first.kind not in ("label", "phone") or first.value in ("name", "firstname", "lastname", "email"):
        return _create(turn)
    if turn.draft.get("action") == "create":
        values = read_new_contact(turn.text, turn.chunks)
        return call_create_contact({**turn.draft_values, **values})
    return update_step(turn, found)


def _is_name(turn: Turn, chunk: Chunk) -> bool:
    text = turn.text_of(chunk)
    return chunk.kind == "text" and is_name(text) and not is_title(text) and text[:1].isupper()


def _adds_to_contact(turn: Turn, found: ParsedUpdate) -> bool:
    """Whether values are added to a contact that is mentioned: "… til Mette", "… på nummer 2"."""
    if turn.kinds & {"pronoun", "position"}:
        return True
    name = found.mentioned_text
    by_name = found.mention is not None and found.mention.kind == "text"
    place = fold(name) in word_set("filters", "places")
    return bool(turn.kinds & {"to", "of"} and found.values) and by_name and not place


def _create(turn: Turn) -> Step:
    beside = read_conditions(turn.with_text(without_exclusions(turn.text, new=True)), "new")
    turn = turn.with_text(beside.rest)
    values = {**read_new_contact(turn.text, turn.chunks), **beside.filters}
    i = turn.chunks.index(turn.verb) if turn.verb else 0
    # "er en ny kunde": the words of the verb name the lifecycle stage, too
    stage = lifecycle_stage(turn.text_of(turn.chunks[i]).split()[-1]) if i else None
    if values and stage and turn.chunks[i - 1].kind in ("is", "as"):
        values.setdefault("lifecyclestage", stage)
    if not values and stage and turn.focus:
        return call_update_contact(str(turn.focus["id"]), {"lifecyclestage": stage})
    if not values:
        return Say("guided-ask-create", {}, new_draft("create"))
    if turn.is_question and values.keys() == {"firstname"} and values["firstname"] not in turn.text:
        return Say("guided-out-of-scope")
    return call_create_contact(values)


def search_step(turn: Turn) -> Step:
    """The search for what the message names, or the question whom to search for."""
    found = read_search(turn.text, turn.chunks, turn.known_names)
    if found.query and not found.filters and word_set("filters", "everything") & set(turn.folds):
        named = _without_everything(found.query) or str((turn.focus or {}).get("id") or "")
        return call_get_contact(named) if named else Say("guided-ask-search", {}, new_draft("search"))
    if not found.is_empty:
        return Call("search_contacts", {"query": found.query, "filters": found.filters})
    details = any(fold(turn.text_of(c)) in word_set("filters", "details") for c in turn.chunks)
    if details and turn.focus:
        return call_get_contact(str(turn.focus["id"]))
    return Say("guided-ask-search", {}, new_draft("search"))


def _without_everything(query: str) -> str:
    return " ".join(word for word in query.split() if fold(word) not in word_set("filters", "everything"))
