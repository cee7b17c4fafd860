"""The wire shapes of HubSpot: records, properties, owners, pages of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import HTMLResponse, Response

from sandbox.errors import html_page
from sandbox.state.clock import iso
from sandbox.state.definitions import Definition, Definitions
from sandbox.state.derived import author_of
from sandbox.state.records import Change, Record

JSON_TYPE = "application/json;charset=utf-8"


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as HubSpot sends it, with its media type."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, dict(headers or {}), media_type=JSON_TYPE)


def html_error(status: int, title: str) -> HTMLResponse:
    """The HTML page for unknown addresses and methods."""
    return HTMLResponse(html_page(status, title), status)


def record(found: Record, values: Mapping[str, str | None]) -> dict[str, Any]:
    """A record with these values; times are those of the record itself (recorded)."""
    body: dict[str, Any] = {
        "id": str(found.id),
        "properties": dict(sorted(values.items())),
        "createdAt": iso(found.created_ms),
        "updatedAt": iso(found.updated_ms),
        "archived": found.archived_ms is not None,
    }
    if found.archived_ms is not None:
        body["archivedAt"] = iso(found.archived_ms)
    return body


def read(found: Record, wanted: Sequence[str], definitions: Definitions) -> dict[str, Any]:
    """A record as reads show it: the properties asked for plus three always, unknown names left out (recorded)."""
    names = {*(wanted or definitions.kind.default), *definitions.kind.always}
    return record(found, {name: found.properties.get(name) for name in names if definitions.get(name) is not None})


def whole(found: Record, definitions: Definitions) -> dict[str, Any]:
    """A record with everything that it has a value for, as a create answers (observed)."""
    return record(found, {name: value for name, value in found.properties.items() if definitions.get(name) is not None})


def changed(found: Record, names: Iterable[str], definitions: Definitions) -> dict[str, Any]:
    """A record as an update answers: only what changed, and what follows from it (recorded for batches)."""
    return record(found, {name: found.properties.get(name) for name in {*names, definitions.kind.modified}})


def with_history(found: Record, names: Sequence[str], changes: Sequence[Change]) -> dict[str, list[dict[str, Any]]]:
    """The values that properties had, newest first. What HubSpot derives has its present value only."""
    history: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for change in changes:
        history[change.name].append(_once(change.new or "", change.at_ms, *author_of(change.source)))
    for name in names:
        if not history[name] and found.properties.get(name):
            history[name].append(_once(found.properties[name], found.updated_ms, "CALCULATED", None))
    return history


def _once(value: str, at_ms: int, source: str, source_id: str | None) -> dict[str, Any]:
    once: dict[str, Any] = {"value": value, "timestamp": iso(at_ms), "sourceType": source}
    return once if source_id is None else once | {"sourceId": source_id}


def batch(results: list[dict[str, Any]], errors: list[dict[str, Any]], now_ms: int, always: bool) -> dict[str, Any]:
    """The answer to a batch; the errors are there only where there are some, or always from 2026-09 on."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors or always:
        body |= {"numErrors": len(errors), "errors": errors}
    return body | {"startedAt": iso(now_ms), "completedAt": iso(now_ms)}


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
        "updatedAt": definition.updated,
        "createdAt": definition.created,
        "name": definition.name,
        "label": definition.label,
        "type": definition.type,
        "fieldType": definition.field_type,
        "description": definition.description,
        "groupName": definition.group,
        "options": [
            {
                "label": option.label,
                "value": option.value,
                "displayOrder": position,
                "hidden": option.hidden,
                **({"description": option.description} if option.description else {}),
            }
            for position, option in enumerate(definition.options)
        ],
        "displayOrder": order if definition.display_order is None else definition.display_order,
        "calculated": definition.calculated,
        "externalOptions": definition.external_options,
        "archived": definition.archived_at is not None,
        "hasUniqueValue": definition.unique,
        "hidden": definition.hidden,
        "modificationMetadata": {
            "archivable": not made_by_hubspot,
            "readOnlyDefinition": made_by_hubspot,
            "readOnlyValue": definition.read_only,
        },
        "formField": definition.form_field,
        "dataSensitivity": "non_sensitive",
    }
    if definition.archived_at is not None:
        body["archivedAt"] = definition.archived_at
    if definition.type == "enumeration":
        body["modificationMetadata"]["readOnlyOptions"] = not definition.options_open
    if made_by_hubspot:
        body["hubspotDefined"] = True
    if definition.referenced_object_type is not None:
        body["referencedObjectType"] = definition.referenced_object_type
    return body


def owner_body(owner: Mapping[str, Any]) -> dict[str, Any]:
    """An owner: a person, whose `userId` is missing where the user was deactivated (observed)."""
    archived = owner.get("archived", False)
    body = {
        "id": owner["id"],
        "email": owner["email"],
        "type": "PERSON",
        "firstName": owner["firstName"],
        "lastName": owner["lastName"],
        "userIdIncludingInactive": owner["userId"],
        "createdAt": "2025-01-15T08:00:00Z",
        "updatedAt": "2025-01-15T08:00:00Z",
        "archived": archived,
    }
    return body if archived else body | {"userId": owner["userId"]}
