"""Answers to the last question that the assistant asked."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.domain import fold
from language import is_ordinary

from .create_parser import read_new_contact
from .drafts import added_values, proceed, repeat_draft, strip_lead_in, typed_value
from .lexicon import find_label, find_misspelt_label
from .recognisers import is_common_word, is_name, split_name
from .selection import bare_number
from .turn import PHONES, Call, Say, Step, Turn, call_create_contact, call_get_contact, call_update_contact, new_draft
from .yes_no import is_skip, plain_answer

_CHOICES = ("invalid_option", "ambiguous_value")
_INVALID = ("invalid_email", "invalid_phone", "invalid_value", "invalid_date", *_CHOICES)


def answer_question(turn: Turn) -> Step | None:
    """What the message means as an answer to the last question or the draft; None where it is something else."""
    reply = plain_answer(turn.text)
    code, params = turn.question
    if reply == "no" and code not in _CHOICES:
        return Say("guided-closed")
    handler = _HANDLERS.get(code)
    if handler and (found := handler(turn, reply, params)):
        return found
    if turn.awaiting and not _is_command(turn) and (found := _value(turn, reply, turn.awaiting)):
        return found
    if reply == "no":
        return Say("guided-closed")
    return repeat_draft(turn) or Say("guided-nothing-waits") if reply == "yes" else None


def _is_command(turn: Turn) -> bool:
    """Whether the message is a command of its own rather than an answer."""
    return turn.verb_group not in ("", "ask", "add") and len(turn.chunks) > 1


def _value(turn: Turn, reply: str | None, name: str) -> Step | None:
    """The value of the field that was asked for."""
    if reply == "no":
        return Say("guided-closed")
    if reply == "yes" or turn.whole_phrase("small_talk") or not turn.folds:
        return None
    if is_skip(turn.text):
        return _without(turn, name)
    if len(turn.folds) > 1 and turn.is_chatter:
        return None
    value = _labelled(turn, name) or typed_value(turn, name) or strip_lead_in(turn)
    return proceed(turn, {**turn.draft_values, **(split_name(value) if name == "name" else {name: value})})


def _without(turn: Turn, name: str) -> Step:
    values = {k: v for k, v in turn.draft_values.items() if k != name}
    return proceed(turn, values) if values else Say("guided-closed")


def _labelled(turn: Turn, name: str) -> str | None:
    return read_new_contact(turn.text, turn.chunks).get(name) if "label" in turn.kinds else None


def _not_found(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """Nobody was found: a yes creates the contact; another name or number looks for another one."""
    wanted = str(params.get("ref") or params.get("query") or "")
    if reply == "yes" or (turn.verb_group == "create" and _names_nobody(turn)):
        return _create(turn, wanted, {})
    if turn.verb_group in ("create", "add") and "pronoun" in turn.kinds:
        values = read_new_contact(turn.text, turn.chunks)  # "opret ham med mailen …"
        return _create(turn, wanted, values) if not values.keys() & {"firstname", "lastname"} else None
    if _is_command(turn):
        return None
    starts_with_yes = bool(turn.folds) and plain_answer(turn.folds[0]) == "yes" and turn.text[:1].isalpha()
    values = read_new_contact(turn.text, turn.chunks) if starts_with_yes else {}
    return _create(turn, wanted, values) if values else _other_contact(turn)


def _create(turn: Turn, wanted: str, values: dict[str, str]) -> Step:
    return call_create_contact({**_first_values(wanted, turn), **turn.draft_values, **values})


def _first_values(wanted: str, turn: Turn) -> dict[str, str]:
    """What was looked for, as the first values of a new contact."""
    if "@" in wanted:
        return {"email": wanted} if not wanted.startswith("@") else {}
    if sum(c.isdigit() for c in wanted) >= 6:
        return {"phone": wanted}
    inner = Turn(wanted, {}, turn.region)
    return read_new_contact(inner.text, inner.chunks) or split_name(wanted)


def _names_nobody(turn: Turn) -> bool:
    return turn.kinds <= {"verb", "filler", "pronoun", "separator", "and"}


def _other_contact(turn: Turn) -> Step | None:
    """Another name, email or number for the contact of the update in the draft."""
    if turn.draft.get("action") != "update" or not turn.draft_values or turn.whole_phrase("small_talk"):
        return None
    positions = turn.of_kind("position")
    if number := positions[0].value if positions else bare_number(turn):
        return _contact_by_number(turn, number)
    if any(c.value != "name" for c in turn.of_kind("label")):
        return None
    text = next((turn.text_of(c) for c in turn.of_kind("email", "phone")), "") or " ".join(turn.texts)
    if not text or len(text.split()) > 6 or turn.is_chatter:
        return None
    return proceed(turn, turn.draft_values, turn.contact_named(text) or text)


def _contact_by_number(turn: Turn, number: str) -> Step:
    found = turn.contact_at(number.lstrip("0") or "0")
    if not found:
        return Say("guided-no-such-number", {"number": number})
    return proceed(turn, turn.draft_values, str(found["id"]))


def _ambiguous(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    if reply == "yes" and turn.shown:
        return Say("guided-write-number")
    if _is_command(turn) and turn.verb_group != "search":
        return None
    return _described(turn) or _other_contact(turn)


def _described(turn: Turn) -> Step | None:
    """The one of the list whose name, company or address the message has: "the one at Nordlys"."""
    words = [word for word in turn.text.split() if not is_common_word(word)]
    found = turn.contact_named(" ".join(word for word in words if word != word.lower() or not is_ordinary(word)))
    if found is None or not turn.shown:
        return None
    return call_update_contact(found, turn.draft_values) if turn.draft.get("action") == "update" else None


def _exists(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """The contact exists: a yes updates it with the other values, or shows it."""
    contact = str(params.get("contact_id") or "")
    says_yes = bool(turn.folds) and plain_answer(turn.folds[0]) == "yes"
    updates = turn.verb_group == "update" and (_names_nobody(turn) or (says_yes and not added_values(turn)))
    agrees = reply == "yes" or updates
    if not agrees or not contact:
        return None
    values = {k: v for k, v in turn.draft_values.items() if k != "email"}
    if not values:
        return call_get_contact(contact)
    return call_update_contact(contact, values)


def _which_phone(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    if reply == "yes":
        return Say("guided-which-phone")
    if _is_command(turn):
        return None
    name = next((found for word in turn.folds[:8] if (found := _phone_called(word))), None)
    if name is None:
        return Say("guided-which-phone") if _is_unclear(turn) else None
    values = dict(turn.draft_values)
    phone, mobile = values.pop("phone", None), values.pop("mobilephone", None)
    number = typed_value(turn, name) or phone or mobile
    contact = turn.draft_contact or str(params.get("contact_id") or "")
    if number is None or not contact:
        return None
    return call_update_contact(contact, {**values, name: number})


def _is_unclear(turn: Turn) -> bool:
    return turn.verb is None and turn.is_chatter and not turn.whole_phrase("small_talk")


def _phone_called(folded: str) -> str | None:
    found = find_label(folded)
    name = found[0] if found else find_misspelt_label(folded)
    return name if name in ("phone", "mobilephone") else None


def _no_values(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """Which values an update has: values are proposed, the name of a field is asked about."""
    if turn.whole_phrase("small_talk") or reply == "yes" or turn.verb_group in ("search", "ask", "create"):
        return None
    contact = str(params.get("contact_id") or "") or turn.draft_contact
    if not contact:
        return None
    values = added_values(turn)
    if values:
        return call_update_contact(contact, {**turn.draft_values, **values})
    labels = turn.of_kind("label")
    name = labels[0].value if labels else (find_label("".join(turn.folds)) or ("", ""))[0]
    return (
        Say("guided-ask-value", {"field": name}, new_draft("update", contact, turn.draft_values, name))
        if name
        else None
    )


def _invalid(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """Another value for one that was refused."""
    if not turn.draft or _is_command(turn):
        return None
    name = _invalid_field(turn, params)
    if chosen := _chosen_option(turn, params):
        return proceed(turn, {**turn.draft_values, name: chosen})
    other_words = not any(c in turn.text for c in "@.") and not is_skip(turn.text)
    if name == "email" and typed_value(turn, name) is None and other_words and reply is None:
        return None
    return _value(turn, reply, name)


def _chosen_option(turn: Turn, params: Mapping[str, Any]) -> str | None:
    options = params.get("options")
    if turn.question[0] not in _CHOICES or not isinstance(options, list):
        return None
    folded = fold(turn.text)
    return next((o for o in options if isinstance(o, str) and fold(o) and fold(o) in folded), None)


def _invalid_field(turn: Turn, params: Mapping[str, Any]) -> str:
    code = turn.question[0]
    if params.get("property"):
        return str(params["property"])
    if code == "invalid_phone" and "property" not in params:
        return next((p for p in PHONES if turn.draft_values.get(p) == params.get("value")), "phone")
    return "email" if code == "invalid_email" else "phone"


def _unknown_field(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """The field that was meant by a name that HubSpot does not know; or the value is left out."""
    name, nearest = str(params.get("name") or ""), params.get("nearest")
    if is_skip(turn.text):
        return _without(turn, name)
    value = turn.draft_values.get(name)
    if value is None or _is_command(turn):
        return None
    named = find_label("".join(turn.folds)) or find_label(fold(strip_lead_in(turn)))
    meant = named[0] if named else None
    if reply == "yes" and isinstance(nearest, list) and nearest and nearest[0]:
        meant = str(nearest[0])
    values = {k: v for k, v in turn.draft_values.items() if k != name}
    return proceed(turn, {**values, meant: value}) if meant else None


def _identity(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """A name or an email for a new contact."""
    if reply == "yes" or turn.whole_phrase("small_talk") or turn.is_question:
        return None
    if turn.verb_group not in ("", "create", "add"):
        return None
    values = read_new_contact(turn.text, turn.chunks)
    return call_create_contact({**turn.draft_values, **values}) if values else None


def _owner(turn: Turn, reply: str | None, params: Mapping[str, Any]) -> Step | None:
    """Who the user is among the owners: the search that asked goes on with that name."""
    search = turn.desk.get("search")
    name = strip_lead_in(turn)
    if not isinstance(search, Mapping) or reply or _is_command(turn) or not ("@" in name or is_name(name)):
        return None
    filters = {k: name if fold(str(v)) == "me" else v for k, v in dict(search.get("filters") or {}).items()}
    given = {**{k: v for k in ("query", "sort") if (v := search.get(k))}, "filters": filters}
    return Call("search_contacts", given)


_HANDLERS: dict[str, Callable[[Turn, str | None, Mapping[str, Any]], Step | None]] = {
    "search_empty": _not_found,
    "contact_not_found": _not_found,
    "contact_ambiguous": _ambiguous,
    "contact_similar": _ambiguous,
    "identity_missing": _identity,
    "contact_exists": _exists,
    "which_phone": _which_phone,
    "no_values": _no_values,
    "owner_of_user": _owner,
    "unknown_property": _unknown_field,
    **dict.fromkeys(_INVALID, _invalid),
}
