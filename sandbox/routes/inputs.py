"""Reading what requests carry: ids, properties, inputs of a batch, associations."""

from typing import Any

from sandbox import errors
from sandbox.endpoint import Call, is_id
from sandbox.state.kinds import Kind
from sandbox.state.records import Record
from sandbox.state.switches import Switches

MOST_INPUTS = 100
MOST_WITH_HISTORY = 50  # records of one answer that carry histories (observed)
Wanted = list[tuple[Kind, int, list[tuple[str, int]]]]


def numeric(text: str) -> int:
    """A record id; 404 for what cannot be one."""
    if not is_id(text) or int(text) == 0:
        raise errors.not_an_id(text)
    return int(text)


def record_id(call: Call) -> int:
    """The record that the path names, by id or by a unique property; merged ids stand for what they became."""
    text = call.path("record_id")
    id_property = call.query("idProperty")
    if id_property in ("", "hs_object_id"):
        return call.records.resolved(numeric(text))
    found = call.records.holder(id_property, text)
    if found is None or not _by_address(call, found, id_property, text):
        raise errors.not_found()
    return found


def _by_address(call: Call, contact_id: int, id_property: str, text: str) -> bool:
    # Whether an additional email finds a contact is not verified, so there is a switch.
    if id_property != "email" or call.sandbox.portal.switches.get_by_additional_email:
        return True
    return call.records.get(contact_id).properties.get("email") == text.strip().lower()


def properties(body: dict[str, Any], what: str, switches: Switches) -> dict[str, str]:
    """The values sent; 400 where there are none, or where one is no plain value."""
    sent = body.get("properties")
    if sent is None:
        raise missing(what, "properties")
    if not isinstance(sent, dict):
        raise errors.bad_json("Cannot deserialize value of type `java.util.LinkedHashMap`")
    return {name: _text(value) for name, value in sent.items() if value is not None or switches.null_clears}


def missing(what: str, name: str) -> errors.HubSpotError:
    """400 for a body without an attribute it needs (observed)."""
    return errors.bad_json(f"Cannot build {what}, some of required attributes are not set [{name}]")


def _text(value: Any) -> str:
    """Values are texts; null is taken as a cleared one, which HubSpot does not document."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise errors.bad_json("Cannot deserialize value of type `java.lang.String`")


def names(body: dict[str, Any], key: str) -> list[str]:
    """A list of property names in a body."""
    wanted = body.get(key) or []
    if not isinstance(wanted, list):
        raise errors.bad_request(f"{key} must be a list.")
    return [str(name) for name in wanted]


def inputs(body: dict[str, Any], what: str) -> list[dict[str, Any]]:
    """The inputs of a batch, at most a hundred (documented; the text of the refusal is not)."""
    items = body.get("inputs")
    if items is None:
        raise missing(what, "inputs")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise errors.bad_json("Cannot deserialize value of type `java.util.ArrayList`")
    if len(items) > MOST_INPUTS:
        raise errors.bad_request(f"A batch has at most {MOST_INPUTS} inputs, this one has {len(items)}.")
    return items


def identifier(item: Any, what: str) -> str:
    """The `id` of an input."""
    value = item.get("id") if isinstance(item, dict) else None
    if value is None:
        raise missing(what, "id")
    return str(value)


def associations(call: Call, body: dict[str, Any]) -> Wanted:
    """The associations a new record is to have: kind and id of the other one, types."""
    wanted = body.get("associations") or []
    if not isinstance(wanted, list):
        raise errors.bad_json("Cannot deserialize value of type `java.util.ArrayList`")
    found: Wanted = []
    for item in wanted:
        if not isinstance(item, dict) or not isinstance(item.get("to"), dict) or not item.get("types"):
            raise missing("PublicAssociationsForObject", "to, types")
        types = association_types(item["types"])
        target = call.sandbox.portal.links.target_of(call.kind, types[0])
        found.append((target, numeric(identifier(item["to"], "PublicObjectId")), types))
    return found


def association_types(raw: Any) -> list[tuple[str, int]]:
    """Category and type id of every association asked for; 400 for anything else."""
    if not isinstance(raw, list) or not raw or not all(isinstance(item, dict) for item in raw):
        raise errors.bad_json("Cannot deserialize value of type `AssociationSpec`")
    found = []
    for item in raw:
        category, type_id = item.get("associationCategory"), item.get("associationTypeId")
        if not isinstance(category, str) or not isinstance(type_id, int):
            raise missing("AssociationSpec", "associationCategory, associationTypeId")
        found.append((category, type_id))
    return found


def create(call: Call, body: dict[str, Any]) -> Record:
    """The new record that a body describes, with its associations; nothing is written where one of them cannot be."""
    portal = call.sandbox.portal
    sent = properties(body, "SimplePublicObjectInputForCreate", portal.switches)
    wanted = associations(call, body)
    with portal.store.transaction():
        record = call.records.create(sent, call.origin)
        for kind, other_id, types in wanted:
            portal.links.add((call.kind, record.id), (kind, other_id), types, call.origin)
    return record
