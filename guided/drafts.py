"""The draft: a request that still lacks something or waits on a card, and what a message adds to it or corrects."""

from rapidfuzz.distance import JaroWinkler

from crm.domain import fold
from language import is_email, is_given_name, keeping

from .create_parser import read_new_contact
from .lexicon import folds_of, phrases, word_set
from .negation import is_denied
from .recognisers import is_name, is_title, split_name, tidy_value
from .turn import PHONES, Call, Say, Step, Turn, call_create_contact, call_update_contact, correct_phone, new_draft
from .update_parser import ParsedUpdate, read_update

_NAMES = ("firstname", "lastname")
_IN_CAPITALS = (*_NAMES, "jobtitle", "company", "address", "city", "state", "country")
_SAME_FIRST_NAME = 0.7
_SAME_NAME = 0.85


def call_with(turn: Turn, values: dict[str, str]) -> Call | None:
    """The tool call of the draft with other values; None where the draft has no action or no contact for one."""
    if turn.draft.get("action") == "create":
        return call_create_contact(values)
    if turn.draft.get("action") == "update" and turn.draft_contact:
        return call_update_contact(turn.draft_contact, values)
    return None


def repeat_draft(turn: Turn) -> Call | None:
    """The tool call of the draft once more, where it has values."""
    values = dict(turn.draft_values)
    if turn.draft.get("action") == "search" and "query" in values:
        return Call("search_contacts", {"query": values.pop("query"), "filters": values})
    return call_with(turn, values) if values else None


def proceed(turn: Turn, values: dict[str, str], contact: str | None = None) -> Step:
    """The tool call of the draft with these values, or the question which contact is meant."""
    contact = contact or turn.draft_contact
    action = turn.draft.get("action")
    if action == "create" or (action != "update" and not contact):
        return call_create_contact(values)
    if contact is None:
        return Say("guided-ask-who", {}, new_draft("update", None, values))
    return call_update_contact(contact, values)


def exclude_fields(turn: Turn) -> Step | None:
    """ "Ja, uden by", "ikke byen": the card without the rows that are named."""
    labels = turn.of_kind("label")
    if not labels or not turn.draft.get("carded") or not turn.drafts_contact:
        return None
    named = {c.value for c in labels if turn.draft_values.get(c.value)}
    if not _only_excludes(turn, on_card=bool(named)):
        return None
    values = {name: value for name, value in turn.draft_values.items() if name not in named}
    return call_with(turn, values) if values else Say("guided-closed")


def _only_excludes(turn: Turn, *, on_card: bool) -> bool:
    """Whether the message only names fields to leave out. ``on_card``: the card has such a field; for another field,
    a word of clearing ("fjern telefonen") asks for a new change.
    """
    words = {f for c in turn.chunks if c.kind != "label" for f in folds_of(turn.text_of(c))}
    without = keeping() | word_set("exclusion", "without")
    excluding = without | word_set("exclusion", "clear")
    around = word_set("exclusion", "around") | word_set("conversation", "courtesy")
    around |= word_set("fillers", "correction") | word_set("answers", "yes")
    return bool(words & (excluding if on_card else without)) and words <= excluding | around


def strip_lead_in(turn: Turn) -> str:
    """The message as a value, without a "nej," or "det er" at its beginning."""
    words = turn.text.split()
    folds = [fold(w) for w in words]
    i = 0
    while i < len(words) - 1:
        n = _lead_in_at(folds, i)
        if not n or i + n >= len(words):
            break
        i += n
    return tidy_value(" ".join(words[i:]))


def _lead_in_at(folds: list[str], i: int) -> int:
    """The number of words at ``i`` that only lead in to a value."""
    if not folds[i]:
        return 1
    found = phrases("fillers", "correction").at(folds, i) or phrases("fillers", "lead_in").at(folds, i)
    return found[1] if found else 0


def typed_value(turn: Turn, name: str) -> str | None:
    """The email, phone number or web address in the message, for a field that holds one."""
    kind = {"email": "email", "website": "url"}.get(name, "phone" if name in PHONES else "")
    return next((turn.text_of(c) for c in turn.of_kind(kind)), None)


def added_values(turn: Turn) -> dict[str, str]:
    """The values in a message that adds to a draft or corrects it."""
    found = read_update(turn.text, turn.chunks, "statement", turn.known_names)
    mentioned = found.mentioned_text
    if mentioned and not found.values:
        if "@" in mentioned:
            return {"email": mentioned}
        values = read_new_contact(turn.text, turn.chunks)
        return {k: v for k, v in values.items() if k not in _NAMES}
    if is_email(mentioned):
        found.values.setdefault("email", mentioned)
    return found.values


def is_correction(turn: Turn) -> bool:
    """Whether the message begins like one that goes on with what was said: "nej, …", "og …"."""
    return bool(turn.folds) and phrases("fillers", "correction").at(turn.folds, 0) is not None


def _only_value(turn: Turn) -> dict[str, str]:
    """ "nej, Aarhus": the one value that was on the card anew, where the words can be one; otherwise empty."""
    words = turn.kinds - {"filler", "separator"}
    if len(turn.draft_values) != 1 or not turn.draft.get("carded") or not is_correction(turn) or turn.is_chatter:
        return {}
    if "text" not in words or words - {"text", "of", "new", "is"} or is_denied(turn):
        return {}
    (name,), value = turn.draft_values, strip_lead_in(turn)
    return {name: value} if _can_be(name, value) and not turn.contact_named(value) else {}


def _can_be(name: str, value: str) -> bool:
    """Whether the words can be a value of this field, and are not another person's name."""
    if name == "zip":
        return value.isdigit()
    if name == "jobtitle" and is_title(value):
        return True
    first, *more = value.split()
    somebody = is_given_name(first) and (more or name not in _NAMES)
    return name in _IN_CAPITALS and first[:1].isupper() and not somebody


def continue_draft(turn: Turn) -> Step | None:
    """The draft with what the message adds or corrects, or None where the message is something else."""
    if not turn.drafts_contact or not _may_continue(turn):
        return None
    if turn.draft.get("action") == "update" and (corrected := _only_value(turn)):
        return proceed(turn, corrected)
    found = read_update(turn.text, turn.chunks, "statement", turn.known_names)
    values = _with_new_names(turn, added_values(turn))
    bare_name = "" if values else found.mentioned_text
    if turn.draft.get("action") == "update":
        if bare_name and not turn.draft_contact:
            return proceed(turn, turn.draft_values, turn.contact_named(bare_name) or bare_name)
        if values and _names_its_contact(turn, found):
            return None
    elif is_name(bare_name):
        return _name_new_contact(turn, bare_name)
    elif not turn.draft_values:
        values = read_new_contact(turn.text, turn.chunks) or values
    return _with_values(turn, values, found.missing)


def _may_continue(turn: Turn) -> bool:
    other = turn.is_question or turn.verb_group in ("search", "ask", "create", "delete")
    return not (other or turn.is_chatter or turn.whole_phrase("small_talk"))


def _with_values(turn: Turn, values: dict[str, str], missing: list[str]) -> Step | None:
    """The draft with more values, or the question for the value of a field that is named without one."""
    if values:
        return proceed(turn, {**turn.draft_values, **correct_phone(turn, values)})
    if missing:
        return Say("guided-ask-value", {"field": missing[0]}, {**turn.draft, "awaiting": missing[0]})
    return None


def _names_its_contact(turn: Turn, found: ParsedUpdate) -> bool:
    """Whether a statement names the contact that it is about."""
    by_name = found.mention is not None and found.mention.kind == "text" and not is_email(found.mention.text)
    return by_name and turn.verb is None and not is_correction(turn)


def _name_new_contact(turn: Turn, name: str) -> Step | None:
    before = turn.draft_values
    if "firstname" in before and not is_correction(turn) and not _is_similar(name, before):
        return None
    return proceed(turn, {**before, **_renamed(turn, split_name(name))})


def _with_new_names(turn: Turn, values: dict[str, str]) -> dict[str, str]:
    names = {k: v for k, v in values.items() if k in _NAMES}
    if not names:
        return values
    values = {**values, **_renamed(turn, names)}
    corrects_last = len(names) == 1 and "lastname" in values and turn.draft_values.get("lastname")
    if corrects_last and not _labels_first_name(turn):
        values.pop("firstname", None)
    return values


def _labels_first_name(turn: Turn) -> bool:
    return any(c.value == "firstname" for c in turn.of_kind("label"))


def _renamed(turn: Turn, names: dict[str, str]) -> dict[str, str]:
    """A single new name replaces the name in the draft that it resembles more; when in doubt, the last name."""
    before = turn.draft_values
    if len(names) != 1 or "firstname" not in names or _labels_first_name(turn):
        return names
    if "firstname" not in before and turn.draft.get("action") != "update":
        return names
    name = names["firstname"]
    first, last = (JaroWinkler.similarity(fold(name), fold(before.get(k, ""))) for k in _NAMES)
    return {"firstname": name} if first > last and first > _SAME_FIRST_NAME else {"lastname": name}


def _is_similar(name: str, before: dict[str, str]) -> bool:
    known = [k for field in _NAMES if (k := fold(before.get(field, "")))]
    return any(JaroWinkler.similarity(fold(w), k) > _SAME_NAME for w in name.split() for k in known)
