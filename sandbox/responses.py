"""The wire shapes of HubSpot: records, properties, owners, pages of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import HTMLResponse, Response

from sandbox.errors import html_page
from sandbox.state.clock import iso
from sandbox.state.contacts import Contact
from sandbox.state.definitions import Definition, Definitions

JSON_TYPE = "application/json;charset=utf-8"
ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")
DEFAULT = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as HubSpot sends it, with its media type."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, dict(headers or {}), media_type=JSON_TYPE)


def html_error(status: int, title: str) -> HTMLResponse:
    """The HTML page for unknown addresses and methods."""
    return HTMLResponse(html_page(status, title), status)


def record(contact: Contact, values: Mapping[str, str | None]) -> dict[str, Any]:
    """A contact with these values; times are those of the record itself (recorded)."""
    body: dict[str, Any] = {
        "id": str(contact.id),
        "properties": dict(sorted(values.items())),
        "createdAt": iso(contact.created_ms),
        "updatedAt": iso(contact.updated_ms),
        "archived": contact.archived_ms is not None,
    }
    if contact.archived_ms is not None:
        body["archivedAt"] = iso(contact.archived_ms)
    return body


def read(contact: Contact, wanted: Sequence[str], definitions: Definitions) -> dict[str, Any]:
    """A contact as reads show it: the properties asked for plus three always, unknown names left out (recorded)."""
    names = {*wanted, *ALWAYS} if wanted else set(DEFAULT)
    return record(contact, {name: contact.properties.get(name) for name in names if definitions.get(name) is not None})


def changed(contact: Contact, names: Iterable[str]) -> dict[str, Any]:
    """A contact as an update answers: only what changed, and what follows from it (recorded for batches)."""
    return record(contact, {name: contact.properties.get(name) for name in {*names, "lastmodifieddate"}})


def page(results: list[dict[str, Any]], after: int | None, link: str | None = None) -> dict[str, Any]:
    """A page of results; `paging` only where more follow."""
    body: dict[str, Any] = {"results": results}
    if after is not None:
        body["paging"] = {"next": {"after": str(after)} | ({"link": link} if link else {})}
    return body


def definition_body(definition: Definition, order: int) -> dict[str, Any]:
    """A property's definition. "May be written" is `not modificationMetadata.readOnlyValue`."""
    made_by_hubspot = not definition.custom
    body: dict[str, Any] = {
        "updatedAt": "2025-01-15T08:00:00Z",
        "createdAt": "2025-01-15T08:00:00Z",
        "name": definition.name,
        "label": definition.label,
        "type": definition.type,
        "fieldType": definition.field_type,
        "description": "",
        "groupName": definition.group,
        "options": [
            {"label": label, "value": value, "displayOrder": position, "hidden": False}
            for position, (value, label) in enumerate(definition.options)
        ],
        "displayOrder": order,
        "calculated": definition.calculated,
        "externalOptions": definition.external_options,
        "archived": False,
        "hasUniqueValue": False,
        "hidden": definition.hidden,
        "modificationMetadata": {
            "archivable": not made_by_hubspot,
            "readOnlyDefinition": made_by_hubspot,
            "readOnlyValue": definition.read_only,
        },
        "formField": definition.form_field,
        "dataSensitivity": "non_sensitive",
    }
    if definition.type == "enumeration":
        body["modificationMetadata"]["readOnlyOptions"] = made_by_hubspot and definition.name != "hs_lead_status"
    if made_by_hubspot:
        body["hubspotDefined"] = True
    if definition.referenced_object_type is not None:
        body["referencedObjectType"] = definition.referenced_object_type
    return body


def owner_body(owner: Mapping[str, Any]) -> dict[str, Any]:
    """An owner: an active person."""
    return {
        "id": owner["id"],
        "email": owner["email"],
        "type": "PERSON",
        "firstName": owner["firstName"],
        "lastName": owner["lastName"],
        "userId": owner["userId"],
        "userIdIncludingInactive": owner["userId"],
        "createdAt": "2025-01-15T08:00:00Z",
        "updatedAt": "2025-01-15T08:00:00Z",
        "archived": False,
    }
