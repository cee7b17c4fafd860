"""Compares what a person approved with what was written in the CRM and with the audit trail.

A licence is one write that a user approved. It is made of the card that was shown, and of nothing that the assistant
stores.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.change import Change
from crm.store.audit import Event

Json = dict[str, Any]
STAGE = "lifecyclestage"
ARCHIVES = ("Fortryd oprettelsen", "Undo the creation")  # as the card says it


@dataclass
class Licence:
    """One approved write. ``partial``: an edit, which does not write values that the record holds already."""

    change_id: str
    action: str
    contact_id: str | None
    values: dict[str, str]
    partial: bool = False
    archives: bool = False


def said(text: str) -> Json:
    """A message."""
    return {"messages": [{"role": "user", "content": text}]}


def answer(card: Json, decision: str) -> Json:
    """The same decision on every change of a card, acknowledging whatever an approval must."""
    decisions: dict[str, Json] = {}
    for change in card["changes"]:
        more = {"acknowledge": change["acknowledge"]} if decision == "approve" else {}
        decisions[change["id"]] = {"decision": decision, **more}
    return {"approval_id": card["id"], "decisions": decisions}


def licence(change: Json, edited: Json | None = None) -> Licence:
    """The write that an approval of this change, as the card showed it, allows."""
    after = {row["property"]: row["after"] for row in change["rows"]}
    archives = change["action"] == "undo" and change["title"].startswith(ARCHIVES)
    return Licence(
        change["id"], change["action"], change["contact_id"], {**after, **(edited or {})}, edited is not None, archives
    )


def unlicensed(writes: Iterable[Json], licences: Sequence[Licence]) -> list[Json]:
    """The writes in the CRM's log that nobody approved, or that were written more often than approved."""
    left, found, rest = list(licences), list[Json](), list(writes)
    while rest:
        write = rest.pop(0)
        second = _second(write, rest)
        if second is not None and _used(
            left, {**second, "properties": {**write["properties"], **second["properties"]}}
        ):
            rest.remove(second)
        elif not _used(left, write):
            found.append(write)
    return found


def _second(write: Json, later: Sequence[Json]) -> Json | None:
    """The second call of an undo that moves a lifecycle stage back: HubSpot wants it cleared, and then set."""
    if write["method"] != "PATCH" or write["properties"].get(STAGE) != "":
        return None
    same = (other for other in later if other["objectId"] == write["objectId"])
    following = next(same, None)
    half = following is not None and following["method"] == "PATCH" and following["properties"].get(STAGE)
    return following if half else None


def _used(left: list[Licence], write: Json) -> bool:
    """Whether one of the licences allows the write; that licence is used up."""
    used = next((one for one in left if _allows(one, write)), None)
    if used is not None:
        left.remove(used)
    return used is not None


def unclaimed(writes: Iterable[Json], claims: Iterable[Change]) -> list[Json]:
    """The writes that no claimed change explains, or that one claim made more than once."""
    left = [Licence(c.id, c.action, c.contact_id, c.values, archives=c.archives) for c in claims]
    return unlicensed(writes, left)


def _allows(one: Licence, write: Json) -> bool:
    if one.archives or write["method"] == "DELETE":
        return one.archives and write["method"] == "DELETE" and write["objectId"] == one.contact_id
    if write["method"] != ("POST" if one.contact_id is None else "PATCH"):
        return False
    if one.contact_id is not None and write["objectId"] != one.contact_id:
        return False
    if one.partial:
        return bool(write["properties"]) and write["properties"].items() <= one.values.items()
    # HubSpot ignores a lifecycle stage that goes back, and the log holds what took effect
    ignored = {name: value for name, value in one.values.items() if name != STAGE}
    return write["properties"] in (one.values, ignored)


def unapproved(events: Iterable[Event]) -> list[Event]:
    """The claims in an audit trail without an earlier card that showed the very change, and a decision on it."""
    shown: dict[str, set[tuple[str, str, str]]] = defaultdict(set)  # card -> change, digest, user
    said_yes: dict[str, set[tuple[str, str]]] = defaultdict(set)  # card -> change or "edit", user
    claimed: set[str] = set()
    found = []
    for event in events:
        if event.kind == "proposed":
            shown[event.card_id].add((event.change_id, event.digest, event.user))
        elif event.kind == "decided" and event.outcome in ("approve", "edit"):
            what = event.change_id if event.outcome == "approve" else "edit"
            said_yes[event.card_id].add((what, event.user))
        elif event.kind == "claimed":
            yes = {(event.change_id, event.user), ("edit", event.user)} & said_yes[event.card_id]
            seen = (event.change_id, event.digest, event.user) in shown[event.card_id]
            if not yes or not seen or event.digest in claimed:
                found.append(event)
            claimed.add(event.digest)
    return found
