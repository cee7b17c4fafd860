"""Selects a contact of the list that was shown, by its number."""

from .turn import Say, Step, Turn, call_get_contact, call_update_contact

_AROUND_NUMBER = frozenset(("position", "filler", "verb", "separator", "and", "pronoun", "is"))


def select_from_list(turn: Turn) -> Step | None:
    """A number of the list, alone or with a word such as "vis": shows the contact, or goes on with its update."""
    number = _number(turn)
    if number is None:
        return None
    if not turn.shown:
        return Say("guided-nothing-shown")
    found = turn.contact_at(number)
    if found is None:
        return Say("guided-no-such-number", {"number": number})
    contact = str(found["id"])
    if turn.draft.get("action") == "update" and turn.verb is None:
        return call_update_contact(contact, turn.draft_values)
    if turn.verb_group == "update":
        return call_update_contact(contact, {})
    return call_get_contact(contact)


def _number(turn: Turn) -> str | None:
    bare = bare_number(turn)
    if bare and bare.isascii() and not turn.awaiting:
        return str(int(bare))
    positions = turn.of_kind("position")
    looks = turn.verb_group in ("", "search", "ask", "update")
    return positions[0].value if len(positions) == 1 and looks and turn.kinds <= _AROUND_NUMBER else None


def bare_number(turn: Turn) -> str:
    """The number of one or two digits that is the whole message, or ""."""
    bare = turn.text.strip(" .#()")
    return bare if bare.isdigit() and len(bare) < 3 else ""
