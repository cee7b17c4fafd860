"""Answers to the last question that was asked."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.domain import fold

from .answers import is_skip, plain_answer
from .details import read_details
from .drafts import addition, proceed, stripped, typed
from .lexicon import label_called, label_like
from .moods import is_chatter, proposed
from .turn import PHONES, Call, Say, Step, Turn, draft
from .values import split_name

_CHOICES = ("invalid_option", "ambiguous_value")
_INVALID = ("invalid_email", "invalid_phone", "invalid_value", "invalid_date", *_CHOICES)


def answer(turn: Turn) -> Step | None:
    """What the message means as an answer to the last question or the draft; None where it is something else."""
    said = plain_answer(turn.text)
    code, params = turn.question
    handler = _QUESTIONS.get(code)
    if handler and (found := handler(turn, said, params)):
        return found
    if turn.awaiting and not _commands(turn) and (found := _awaited(turn, said, turn.awaiting)):
        return found
    if said == "no":
        return Say("guided-closed")
    if said == "yes":
        return proposed(turn) or Say("guided-nothing-waits")
    return None


def _commands(turn: Turn) -> bool:
    """Whether the message is a command of its own rather than an answer."""
    return turn.verb is not None and turn.verb.value not in ("ask", "add") and len(turn.pieces) > 1


def _awaited(turn: Turn, said: str | None, name: str) -> Step | None:
    if said == "no":
        return Say("guided-closed")
    if said == "yes" or turn.phrase("smalltalk") or not turn.folds:
        return None
    if len(turn.folds) > 1 and is_chatter(turn) and not is_skip(turn.text):
        return None
    if is_skip(turn.text):
        values = {k: v for k, v in turn.draft_values.items() if k != name}
        return proceed(turn, values) if values else Say("guided-closed")
    value = _labelled(turn, name) or typed(turn, name) or stripped(turn)
    if name == "name":
        return proceed(turn, {**turn.draft_values, **split_name(value)})
    return proceed(turn, {**turn.draft_values, name: value})


def _labelled(turn: Turn, name: str) -> str | None:
    return read_details(turn.text, turn.pieces).get(name) if any(p.kind == "label" for p in turn.pieces) else None


def _as_identity(text: str, turn: Turn) -> dict[str, str]:
    """A reference as the first values of a new contact."""
    if "@" in text:
        return {"email": text} if not text.startswith("@") else {}
    if sum(c.isdigit() for c in text) >= 6:
        return {"phone": text}
    inner = Turn(text, {}, turn.region)
    return read_details(inner.text, inner.pieces) or split_name(text)


def _not_found(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    ref = str(params.get("ref") or params.get("query") or "")
    if said == "yes" or (turn.verb and turn.verb.value == "create" and _about_same(turn)):
        return Call("create_contact", {"properties": {**_as_identity(ref, turn), **turn.draft_values}})
    if said == "no":
        return Say("guided-closed")
    if _commands(turn):
        return None
    starts_yes = bool(turn.folds) and plain_answer(turn.folds[0]) == "yes" and turn.text[:1].isalpha()
    if starts_yes:
        given = read_details(turn.text, turn.pieces)
        if given:
            return Call("create_contact", {"properties": {**_as_identity(ref, turn), **turn.draft_values, **given}})
    return _other_contact(turn)


def _about_same(turn: Turn) -> bool:
    return turn.kinds() <= {"verb", "filler", "person", "sep", "and"}


def _other_contact(turn: Turn) -> Step | None:
    """Another name, email or number for the contact of an update whose values wait."""
    if turn.draft.get("action") != "update" or not turn.draft_values or turn.phrase("smalltalk"):
        return None
    picks = [p for p in turn.pieces if p.kind == "pick"]
    bare = turn.text.strip(" .#()")
    number = picks[0].value if picks else bare if bare.isdigit() and len(bare) < 3 else ""
    if number:
        found = turn.picked(number.lstrip("0") or "0")
        return (
            proceed(turn, turn.draft_values, str(found["id"]))
            if found
            else Say("guided-no-such-number", {"number": number})
        )
    if any(p.kind == "label" and p.value != "name" for p in turn.pieces):
        return None
    text = next((turn.words(p) for p in turn.pieces if p.kind in ("email", "phone")), "")
    text = text or " ".join(turn.words(p) for p in turn.pieces if p.kind == "text")
    if not text or len(text.split()) > 6 or is_chatter(turn):
        return None
    return proceed(turn, turn.draft_values, turn.named(text) or text)


def _ambiguous(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    if said == "no":
        return Say("guided-closed")
    if said == "yes" and turn.shown:
        return Say("guided-write-number")
    if _commands(turn) and turn.verb and turn.verb.value != "search":
        return None
    return _other_contact(turn)


def _exists(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    contact = str(params.get("contact_id") or "")
    if said == "no":
        return Say("guided-closed")
    agreed = said == "yes" or (turn.verb is not None and turn.verb.value == "update" and _about_same(turn))
    if not agreed or not contact:
        return None
    values = {k: v for k, v in turn.draft_values.items() if k != "email"}
    return (
        Call("update_contact", {"contact": contact, "properties": values})
        if values
        else Call("get_contact", {"contact": contact})
    )


def _which_phone(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    if said == "no":
        return Say("guided-closed")
    if said == "yes":
        return Say("guided-which-phone")
    if _commands(turn):
        return None
    for word in turn.folds[:8]:
        found = label_called(word)
        name = found[0] if found else label_like(word)
        if name in ("phone", "mobilephone"):
            kept = {k: v for k, v in turn.draft_values.items() if k not in ("phone", "mobilephone")}
            number = typed(turn, name) or turn.draft_values.get("phone") or turn.draft_values.get("mobilephone")
            if number is None:
                return None
            contact = turn.draft_contact or str(params.get("contact_id") or "")
            return Call("update_contact", {"contact": contact, "properties": {**kept, name: number}})
    return (
        Say("guided-which-phone") if turn.verb is None and is_chatter(turn) and not turn.phrase("smalltalk") else None
    )


def _no_values(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    if said == "no":
        return Say("guided-closed")
    if turn.phrase("smalltalk") or said == "yes":
        return None
    contact = str(params.get("contact_id") or "") or turn.draft_contact
    if not contact or (turn.verb and turn.verb.value in ("search", "ask", "create")):
        return None
    given = addition(turn)
    if given:
        return Call("update_contact", {"contact": contact, "properties": {**turn.draft_values, **given}})
    labels = [p for p in turn.pieces if p.kind == "label"]
    named = labels[0].value if labels else (label_called("".join(turn.folds)) or ("", ""))[0]
    if named:
        return Say("guided-ask-value", {"field": named}, draft("update", contact, turn.draft_values, named))
    return None


def _invalid(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    code = turn.question[0]
    name = str(params.get("property") or ("email" if code == "invalid_email" else "phone"))
    if code == "invalid_phone" and "property" not in params:
        name = next((p for p in PHONES if turn.draft_values.get(p) == params.get("value")), "phone")
    if not turn.draft or _commands(turn):
        return None
    if code in _CHOICES:
        options = [str(o) for o in params.get("options") or () if isinstance(o, str)]
        chosen = next((o for o in options if fold(o) and fold(o) in fold(turn.text)), None)
        if chosen:
            return proceed(turn, {**turn.draft_values, name: chosen})
    looks = typed(turn, name)
    if (
        name == "email"
        and looks is None
        and not any(c in turn.text for c in "@.")
        and said is None
        and not is_skip(turn.text)
    ):
        return None
    return _awaited(turn, said, name)


def _unknown(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    name, nearest = str(params.get("name") or ""), params.get("nearest")
    nearest = nearest[0] if isinstance(nearest, list) and nearest else None
    values = {k: v for k, v in turn.draft_values.items() if k != name}
    value = turn.draft_values.get(name)
    if is_skip(turn.text):
        return proceed(turn, values) if values else Say("guided-closed")
    if said == "no":
        return Say("guided-closed")
    if value is None or _commands(turn):
        return None
    meant = label_called("".join(turn.folds)) or label_called(fold(stripped(turn)))
    other = str(nearest) if said == "yes" and nearest else meant[0] if meant else None
    return proceed(turn, {**values, other: value}) if other else None


def _identity(turn: Turn, said: str | None, params: Mapping[str, Any]) -> Step | None:
    if said == "no":
        return Say("guided-closed")
    if (
        said == "yes"
        or turn.phrase("smalltalk")
        or (turn.verb and turn.verb.value not in ("create", "add"))
        or turn.asked
    ):
        return None
    given = read_details(turn.text, turn.pieces)
    return Call("create_contact", {"properties": {**turn.draft_values, **given}}) if given else None


_Handler = Callable[[Turn, str | None, Mapping[str, Any]], Step | None]
_QUESTIONS: dict[str, _Handler] = {
    "search_empty": _not_found,
    "contact_not_found": _not_found,
    "contact_ambiguous": _ambiguous,
    "contact_similar": _ambiguous,
    "identity_missing": _identity,
    "contact_exists": _exists,
    "which_phone": _which_phone,
    "no_values": _no_values,
    "unknown_property": _unknown,
    **dict.fromkeys(_INVALID, _invalid),
}
