"""Definitions as the account writes them: what a new or changed property may be, or why it is refused.

Types, field types and the limit of ten unique properties are documented; the texts of the refusals are our own.
"""

import re
from dataclasses import replace
from math import inf
from typing import Any

from sandbox.errors import HubSpotError, bad_request
from sandbox.state.definitions import Definition, Definitions, Option

FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file"),
    "number": ("number",),
    "date": ("date",),
    "datetime": ("date",),
    "bool": ("booleancheckbox",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "phone_number": ("phonenumber",),
}
UNIQUE_TYPES = ("string", "number")
MOST_UNIQUE = 10
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
GROUPS = (
    "contactinformation",
    "contact_activity",
    "sales_properties",
    "emailinformation",
    "deal_information",
    "conversioninformation",
    "analyticsinformation",
    "facebook_ads_properties",
    "socialmediainformation",
)


def made(body: dict[str, Any], definitions: Definitions, now: str) -> Definition:
    """A new property. 400 for what cannot be one, 409 where the name is taken."""
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise bad_request(
            f"Cannot build PropertyCreate, some of required attributes are not set [{', '.join(missing)}]"
        )
    name = str(body["name"])
    if not NAME.fullmatch(name):
        raise bad_request(f'Property name "{name}" must start with a letter and hold only a to z, digits and _.')
    if definitions.get(name) is not None:
        raise HubSpotError(409, f'A property named "{name}" already exists.', "CONFLICT")
    if name.startswith("hs_"):
        raise bad_request('Property names that start with "hs_" are kept for HubSpot.')
    definition = Definition(name, "", str(body["type"]), "", "", custom=True, created=now)
    unique = body.get("hasUniqueValue") is True
    if unique and definition.type not in UNIQUE_TYPES:
        raise bad_request(f"A property of type {definition.type} cannot have unique values.")
    if unique and len(definitions.unique) >= MOST_UNIQUE:
        raise bad_request(f"There are at most {MOST_UNIQUE} properties with unique values.")
    return _changed(replace(definition, unique=unique), body, definitions, now)


def altered(definition: Definition, body: dict[str, Any], definitions: Definitions, now: str) -> Definition:
    """The property with what the body changes. 400 for what HubSpot defined itself; its options may be open."""
    names = set(body) - {"options"}
    if (not definition.custom and names) or ("options" in body and not definition.options_open):
        raise bad_request(f'Property "{definition.name}" is defined by HubSpot and cannot be changed.')
    return _changed(definition, body, definitions, now)


def put_away(definition: Definition, now: str) -> Definition:
    """The property archived; 400 for one of HubSpot's own."""
    if not definition.custom:
        raise bad_request(f'Property "{definition.name}" is defined by HubSpot and cannot be archived.')
    return replace(definition, archived_at=now)


def _changed(definition: Definition, body: dict[str, Any], definitions: Definitions, now: str) -> Definition:
    type_ = str(body.get("type", definition.type))
    field_type = str(body.get("fieldType", definition.field_type))
    if field_type not in FIELD_TYPES.get(type_, ()):
        raise bad_request(f"Invalid type and fieldType: {type_}, {field_type}")
    group = str(body.get("groupName", definition.group))
    if group not in GROUPS and group not in {each.group for each in definitions}:
        raise bad_request(f'Property group "{group}" does not exist.')
    options = definition.options if body.get("options") is None else _options(body["options"])
    if options and type_ not in ("enumeration", "bool"):
        raise bad_request(f"A property of type {type_} has no options.")
    if type_ == "bool" and {option.value for option in options} != {"true", "false"}:
        raise bad_request('A property of type bool has the options "true" and "false".')
    order = body.get("displayOrder")
    return replace(
        definition,
        label=str(body.get("label", definition.label)),
        type=type_,
        field_type=field_type,
        group=group,
        options=options,
        hidden=bool(body.get("hidden", definition.hidden)),
        form_field=bool(body.get("formField", definition.form_field)),
        external_options=bool(body.get("externalOptions", definition.external_options)),
        referenced_object_type=body.get("referencedObjectType", definition.referenced_object_type),
        description=str(body.get("description", definition.description)),
        display_order=order if isinstance(order, int) else definition.display_order,
        updated=now,
    )


def _place(order: Any) -> float:
    return order if isinstance(order, int) and order >= 0 else inf


def _options(raw: Any) -> tuple[Option, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise bad_request("options must be a list.")
    options = []
    for item in sorted(raw, key=lambda item: _place(item.get("displayOrder"))):
        value, label = item.get("value"), item.get("label")
        if not isinstance(value, str) or not isinstance(label, str) or not value or not label:
            raise bad_request("An option needs a value and a label.")
        options.append(Option(value, label, bool(item.get("hidden")), str(item.get("description") or "")))
    for part in ("value", "label"):
        if len({getattr(option, part) for option in options}) < len(options):
            raise bad_request(f"Two options have the same {part}.")
    return tuple(options)
