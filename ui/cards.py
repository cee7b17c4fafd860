"""Renders the approval card and its buttons, and turns a pressed button into an answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import chainlit as cl

from crm.domain import UNKNOWN
from graph.markdown import literal

Json = dict[str, Any]
Say = Callable[..., str]
CardButton = Literal["approve", "edit", "cancel", "use"]
CardState = Literal["waiting", "approved", "cancelled", "aside", "replaced", "answered", "void"]

NAMED = 3  # values that a button names
_LINK = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./?=&%~-]*)?")


@dataclass(frozen=True)
class CardMark:
    """The state of a card, stored in the metadata of its message, so that nothing depends on the message's words.

    ``heading``: how many characters of the text stand above the changes.
    """

    state: CardState
    heading: int

    @classmethod
    def of(cls, message: Mapping[str, Any] | None) -> "CardMark | None":
        """Read the mark of a message; None where it is no card."""
        given = ((message or {}).get("metadata") or {}).get("card")
        return cls(given["state"], given["heading"]) if isinstance(given, dict) else None

    @property
    def metadata(self) -> Json:
        """The metadata of the card's message."""
        return {"card": {"state": self.state, "heading": self.heading}}


def render(card: Json, say: Say) -> str:
    """The card that waits, as Markdown."""
    return "\n\n".join([say("ui-card-intro"), *(_change(change, say) for change in card["changes"])])


def waits(say: Say) -> CardMark:
    """The mark of a waiting card's message, as ``render`` writes it."""
    return CardMark("waiting", len(say("ui-card-intro")))


def closed(text: str, mark: CardMark, state: CardState, say: Say) -> tuple[str, CardMark]:
    """The text of a card that says what became of it, and its mark; the changes stay as they were shown."""
    heading = f"**{say(f'ui-card-{state}')}**"
    return heading + text[mark.heading :], CardMark(state, len(heading))


def _change(change: Json, say: Say) -> str:
    parts = [f"**{literal(change['title'])}**", _table(change, say)]
    if change.get("twins"):
        twins = "\n".join(_twin(twin, say) for twin in change["twins"])
        parts.append(f"**{say('ui-card-twins')}**\n\n{twins}")
    if change.get("unused"):
        pieces = " · ".join(literal(str(piece["text"])) for piece in change["unused"])
        parts.append(f"*{say('ui-card-unused')}: {pieces}*")
    if change.get("warnings"):
        parts.extend(f"⚠️ {literal(warning)}" for warning in change["warnings"])
    return "\n\n".join(parts)


def _table(change: Json, say: Say) -> str:
    new = change["action"] == "create"
    values = ("ui-card-value",) if new else ("ui-card-before", "ui-card-after")
    heads = ("ui-card-field", *values, "ui-card-source")
    rows = [[say(head) for head in heads], ["---"] * len(heads)]
    for row in change["rows"]:
        shown = [row["after"]] if new else [row.get("before"), row["after"]]
        mark = f" {say('ui-card-default')}" if row.get("source") == "default" else ""
        rows.append([literal(row["label"]) + mark, *(_value(v, row, say) for v in shown), _source(row, say)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _value(value: object, row: Json, say: Say) -> str:
    if value is None or value == "":
        return say("ui-card-empty")
    labels = {option["value"]: option["label"] for option in row.get("options") or () if isinstance(option, dict)}
    labels |= row.get("shown") or {}
    several = str(value).split(";") if labels and value not in labels else [value]
    return literal("; ".join(str(labels.get(part, part)) for part in several))


def _source(row: Json, say: Say) -> str:
    """Where the value comes from, in italics, which the page shows small and grey."""
    return f"*{say('ui-source-' + row['source'])}*" if row.get("source") else ""


def _twin(twin: Json, say: Say) -> str:
    link = str(twin.get("url") or "")
    opened = f" · [{say('ui-card-open')}]({link})" if _LINK.fullmatch(link) else ""
    return f"- **{literal(twin['display'])}**: {literal(twin['why'])}{opened}"


def buttons(card: Json, say: Say) -> list[cl.Action]:
    """The card's buttons. Their ids never change, and a payload holds ids only, no values."""
    card_id = card["id"]
    actions = [_button("approve", card_id, _approve_label(card, say), "check")]
    for twin, name in _names(_usable_twins(card)):
        button = _button("use", f"{card_id}:{twin['contact_id']}", say("ui-use", name=name), "user-check")
        button.tooltip = twin["display"]
        actions.append(button)
    if all(change["action"] != "undo" for change in card["changes"]):
        actions.append(_button("edit", card_id, say("ui-edit"), "pencil"))
    actions.append(_button("cancel", card_id, say("ui-cancel"), "x"))
    return actions


def _button(name: CardButton, payload_id: str, label: str, icon: str) -> cl.Action:
    card_id, _, contact_id = payload_id.partition(":")
    button_id = ":".join(part for part in (card_id, name, contact_id) if part)
    return cl.Action(id=button_id, name=name, payload={"id": payload_id}, label=label, icon=icon)


def _names(twins: list[Json]) -> list[tuple[Json, str]]:
    """The name of each twin; where two share it, with everything that distinguishes them."""
    names = [twin["display"].split(" · ")[0] for twin in twins]
    return [(t, name if names.count(name) == 1 else t["display"]) for t, name in zip(twins, names, strict=True)]


def _approve_label(card: Json, say: Say) -> str:
    """The label of the approve button, which names values that the user did not give and contacts that look alike."""
    changes = [change for change in card["changes"] if change.get("acknowledge")]
    if not changes:
        return say("ui-approve")
    rows = [(row["label"], f"{UNKNOWN}{row['property']}" in c["acknowledge"]) for c in changes for row in c["rows"]]
    unknown = [label for label, made_up in rows if made_up]
    labels = ", ".join(unknown[:NAMED]) + (f" +{len(unknown) - NAMED}" if len(unknown) > NAMED else "")
    if not any(change.get("twins") for change in changes):
        return say("ui-approve-unknown", labels=labels)
    create = (
        "ui-create-anyway" if all(change["action"] == "create" for change in card["changes"]) else "ui-approve-twins"
    )
    return say("ui-create-anyway-unknown", labels=labels) if unknown else say(create)


def _usable_twins(card: Json) -> list[Json]:
    """The twins that get a button; none on a card of several changes, as a button would decide on all of them."""
    return card["changes"][0].get("twins") or [] if len(card["changes"]) == 1 else []


def resume_answer(card: Json, decision: CardButton, contact_id: str = "") -> Json | None:
    """The answer with which the graph is resumed, made of the card alone; None where it has no such button."""
    if decision == "use" and contact_id not in {twin["contact_id"] for twin in _usable_twins(card)}:
        return None
    return {
        "approval_id": card["id"],
        "decisions": {c["id"]: _decided(c, decision, contact_id) for c in card["changes"]},
    }


def _decided(change: Json, decision: CardButton, contact_id: str) -> Json:
    if decision == "approve":
        acknowledge = change.get("acknowledge")
        return {"decision": "approve"} | ({"acknowledge": list(acknowledge)} if acknowledge else {})
    return {"decision": "reject"} if decision == "cancel" else {"decision": "use_existing", "contact_id": contact_id}
