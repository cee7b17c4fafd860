"""What was collected but not done, and what a message adds to it or corrects."""

from rapidfuzz.distance import JaroWinkler

from crm.domain import fold

from .details import read_details
from .lexicon import phrases
from .moods import is_chatter
from .text import is_email
from .turn import PHONES, Call, Say, Step, Turn, draft, one_phone
from .update import read_update
from .values import is_name, split_name, tidy_value


def proceed(turn: Turn, values: dict[str, str], contact: str | None = None) -> Step:
    """Calls the tool of the draft with these values."""
    contact = contact or turn.draft_contact
    if turn.draft.get("action") == "update" or (contact and turn.draft.get("action") != "create"):
        if contact is None:
            return Say("guided-ask-who", {}, draft("update", None, values))
        return Call("update_contact", {"contact": contact, "properties": values})
    return Call("create_contact", {"properties": values})


def stripped(turn: Turn, lead: bool = True) -> str:
    """The message without a leading "nej," or "det er", as the value it stands for."""
    words = turn.text.split()
    folds = [fold(w) for w in words]
    i = 0
    while i < len(words) - 1:
        found = phrases("fillers", "correction").at(folds, i) if folds[i] else (True, 1)
        if not found and lead:
            found = phrases("fillers", "lead_in").at(folds, i)
        if not found or i + found[1] >= len(words):
            break
        i += found[1]
    return tidy_value(" ".join(words[i:]))


def typed(turn: Turn, name: str) -> str | None:
    kind = {"email": "email", "website": "url"}.get(name, "phone" if name in PHONES else "")
    return next((turn.words(p) for p in turn.pieces if p.kind == kind), None)


def addition(turn: Turn) -> dict[str, str]:
    """The values in a message that adds to or corrects what was collected."""
    found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
    values = dict(found.values)
    if found.ref and found.ref.kind == "text" and found.ref.text and not values:
        text = found.ref.text
        if "@" in text:
            return {"email": text}
        given = read_details(turn.text, turn.pieces)
        return {k: v for k, v in given.items() if k not in ("firstname", "lastname")}
    if found.ref and found.ref.kind == "text" and is_email(found.ref.text):
        values.setdefault("email", found.ref.text)
    return values


def is_correction(turn: Turn) -> bool:
    """Whether the message starts like one that goes on with what was said: "nej, …", "og …"."""
    return bool(turn.folds) and phrases("fillers", "correction").at(turn.folds, 0) is not None


def continued(turn: Turn) -> Step | None:
    """The draft with what the message adds or corrects, or None where the message is something else."""
    if not turn.draft or turn.draft.get("action") not in ("create", "update") or turn.asked:
        return None
    if turn.verb is not None and turn.verb.value in ("search", "ask", "create", "delete"):
        return None
    if turn.phrase("smalltalk") or is_chatter(turn):
        return None
    creating = turn.draft.get("action") == "create"
    before = turn.draft_values
    values = addition(turn)
    names = {k: v for k, v in values.items() if k in ("firstname", "lastname")}
    if names:
        values = {**values, **_renamed(names, before, turn)}
        if len(names) == 1 and before.get("lastname") and "lastname" in values and not _said_first(turn):
            values.pop("firstname", None)
    found = read_update(turn.text, turn.pieces, "statement", turn.known_names)
    bare = found.ref.text if found.ref and found.ref.kind == "text" and not values else ""
    if creating and bare and is_name(bare):
        if not before or "firstname" not in before or _similar(bare, before) or is_correction(turn):
            return proceed(turn, {**before, **_renamed(split_name(bare), before, turn)})
        return None
    if not creating and bare and not turn.draft_contact:
        return proceed(turn, before, turn.named(bare) or bare)
    if creating and not before:
        values = read_details(turn.text, turn.pieces) or values
    someone = found.ref is not None and found.ref.kind == "text" and not is_email(found.ref.text)
    if someone and values and found.ref and not creating and turn.verb is None and not is_correction(turn):
        return None
    if found.missing and not values:
        name = found.missing[0]
        return Say("guided-ask-value", {"field": name}, {**turn.draft, "awaiting": name})
    return proceed(turn, {**before, **one_phone(turn, values)}) if values else None


def _said_first(turn: Turn) -> bool:
    return any(p.kind == "label" and p.value == "firstname" for p in turn.pieces)


def _renamed(names: dict[str, str], before: dict[str, str], turn: Turn) -> dict[str, str]:
    """A single new name replaces the one of the two that it is closer to, the last name when in doubt."""
    if len(names) != 1 or "firstname" not in names or _said_first(turn):
        return names
    name = names["firstname"]
    first = JaroWinkler.similarity(fold(name), fold(before.get("firstname", "")))
    last = JaroWinkler.similarity(fold(name), fold(before.get("lastname", "")))
    if "firstname" in before or turn.draft.get("action") == "update":
        return {"firstname": name} if first > last and first > 0.7 else {"lastname": name}
    return names


def _similar(name: str, before: dict[str, str]) -> bool:
    known = [fold(before.get(k, "")) for k in ("firstname", "lastname")]
    return any(JaroWinkler.similarity(fold(w), k) > 0.85 for w in name.split() for k in known if k)
