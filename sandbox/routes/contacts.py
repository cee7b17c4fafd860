"""Contacts: list, create, read, update, archive and search."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call
from sandbox.state.contacts import Contact

LIST_LIMIT = 100


def listed(call: Call) -> Response:
    """A page of contacts by id; `after` is the id the next page starts with."""
    portal = call.sandbox.portal
    limit = call.whole("limit", 10, LIST_LIMIT)
    start = call.query("after") or "0"
    if not start.isdigit():
        raise errors.bad_request(f"Invalid after: {start}")
    contacts, after = portal.contacts.page(int(start), limit, call.flag("archived"))
    wanted = call.names("properties")
    results = [responses.read(contact, wanted, portal.definitions) for contact in contacts]
    query = [(k, v) for k, v in call.request.query_params.multi_items() if k not in ("after", "limit")]
    link = f"{call.request.url.replace(query='')}?{urlencode([('limit', limit), ('after', after), *query])}"
    return responses.json_response(responses.page(results, after, link))


def create(call: Call) -> Response:
    """201 with what was sent and what was derived from it."""
    sandbox = call.sandbox
    sent = _properties(call.body(), "SimplePublicObjectInputForCreate")
    contact = sandbox.portal.contacts.create(sent, call.correlation_id)
    base = str(call.request.base_url).rstrip("/")
    body = responses.record(contact, contact.properties)
    body["url"] = f"{base}/contacts/{sandbox.portal.id}/record/0-1/{contact.id}"
    location = f"{base}/crm/v3/objects/contacts/{contact.id}"
    return responses.json_response(body, 201, {"Location": location})


def get(call: Call) -> Response:
    """One contact by id, or by one of its emails with `idProperty=email`."""
    portal = call.sandbox.portal
    contact = portal.contacts.get(_contact_id(call), call.flag("archived"))
    return responses.json_response(responses.read(contact, call.names("properties"), portal.definitions))


def update(call: Call) -> Response:
    """200 with what changed; a value already held changes nothing."""
    sent = _properties(call.body(), "SimplePublicObjectInput")
    contact, names = call.sandbox.portal.contacts.update(_contact_id(call), sent, call.correlation_id)
    return responses.json_response(responses.changed(contact, names))


def archive(call: Call) -> Response:
    """204, also where nothing was there to archive (HubSpot's answer to that is not verified)."""
    call.sandbox.portal.contacts.archive(_numeric(call.path("contact_id")), call.correlation_id)
    return Response(status_code=204)


def search(call: Call) -> Response:
    """200 with the number of matches and one page of them."""
    portal = call.sandbox.portal
    body = call.body()
    found = portal.search.run(body)
    wanted = body.get("properties") or []
    if not isinstance(wanted, list):
        raise errors.bad_request("properties must be a list.")
    names = [str(name) for name in wanted]
    results = [_found(contact, names, call) for contact in found.contacts]
    return responses.json_response({"total": found.total, **responses.page(results, found.after)})


def _found(contact: Contact, names: list[str], call: Call) -> dict[str, Any]:
    return responses.read(contact, names, call.sandbox.portal.definitions)


def _contact_id(call: Call) -> int:
    text = call.path("contact_id")
    id_property = call.query("idProperty")
    if id_property == "email":
        contact_id = call.sandbox.portal.contacts.id_of_email(text)
        if contact_id is None:
            raise errors.not_found()
        return contact_id
    if id_property not in ("", "hs_object_id"):
        raise errors.bad_request(f'Property "{id_property}" is not a unique property of contacts.')
    return _numeric(text)


def _numeric(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) == 0 or len(text) > 18:
        raise errors.not_an_id(text)
    return int(text)


def _properties(body: dict[str, Any], kind: str) -> dict[str, str]:
    properties = body.get("properties")
    if properties is None:
        raise errors.bad_json(f"Cannot build {kind}, some of required attributes are not set [properties]")
    if not isinstance(properties, dict):
        raise errors.bad_json("Cannot deserialize value of type `java.util.LinkedHashMap`")
    return {name: _text(value) for name, value in properties.items()}


def _text(value: Any) -> str:
    """Values are texts; null is taken as a cleared one, which HubSpot does not document."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise errors.bad_json("Cannot deserialize value of type `java.lang.String`")
