"""Reading and updating the desk, the structured working memory beside the messages."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.domain import CrmError
from graph.state import Desk

_WIDTH = 60


def show(desk: Desk, contacts: Sequence[Mapping[str, Any]]) -> Desk:
    """The desk after a list of contacts was shown; a single one comes into focus."""
    shown = [
        {"n": n, **{k: c.get(k) for k in ("id", "name", "email", "phone", "company")}}
        for n, c in enumerate(contacts, 1)
    ]
    focus = _named(contacts[0]) if len(contacts) == 1 else None
    return {**desk, "shown": shown, "focus": focus}


def focus(desk: Desk, contact_id: str, name: str) -> Desk:
    """The desk with this contact as the one being talked about."""
    return {**desk, "focus": {"id": contact_id, "name": name}}


def without(desk: Desk, contact_id: str | None) -> Desk:
    """The desk without a contact that is no longer there; the others keep their numbers."""
    named = desk.get("focus") or {}
    shown = [contact for contact in desk.get("shown") or [] if contact["id"] != contact_id]
    return {**desk, "shown": shown, "focus": None if named.get("id") == contact_id else desk.get("focus")}


def ask(desk: Desk, error: CrmError, *, action: str, contact: str | None, values: Mapping[str, str]) -> Desk:
    """The desk after code asked a question: what was given so far is the draft.

    The question carries the error's code and its JSON-safe parameters.
    """
    contact_id = error.params.get("contact_id") if action == "update" else None
    draft = {"action": action, "contact_id": contact_id, "contact": contact, "values": dict(values)}
    kept: Desk = {**desk, "draft": draft, "question": {"code": error.code, "params": dict(error.params)}}
    if len(error.contacts) == 1:
        return focus(kept, error.contacts[0].id, error.contacts[0].name)
    return kept


def draft_of(change: Mapping[str, Any]) -> dict[str, Any]:
    """A proposal that was put aside, as the draft that the next message may correct."""
    declined = dict.fromkeys(change.get("declined") or (), "")
    values = {**declined, **{row["property"]: row["after"] for row in change["rows"]}}
    name = change["display"] if change["contact_id"] else None
    return {
        "action": change["action"],
        "contact_id": change["contact_id"],
        "contact": name,
        "values": values,
        "carded": True,
    }


def as_text(desk: Desk) -> str:
    """The desk for a language model: a few short lines, data only."""
    lines = []
    if desk.get("intent"):
        lines.append(f"intent: {desk['intent']}")
    if contact := desk.get("focus"):
        lines.append(f"in focus: {_line(contact['id'], contact['name'])}")
    if draft := desk.get("draft"):
        values = "; ".join(f"{k}={_cut(v)}" for k, v in draft.get("values", {}).items())
        target = draft.get("contact_id") or draft.get("contact") or "new contact"
        lines.append(f"draft, not proposed or written: {draft['action']} {_cut(target)}: {values}")
    if question := desk.get("question"):
        lines.append(f"you asked: {question['code']}")
    if shown := desk.get("shown"):
        lines.append("shown to the user:")
        lines += [f"{c['n']}. {_line(c['id'], c['name'], c.get('email'))}" for c in shown]
    return "\n".join(lines) or "(empty)"


def _named(contact: Mapping[str, Any]) -> dict[str, str]:
    return {"id": contact["id"], "name": contact["name"]}


def _line(*values: str | None) -> str:
    return "|".join(_cut(v) for v in values if v)


def _cut(text: object) -> str:
    return " ".join(str(text).replace('"""', "'''").split())[:_WIDTH]
