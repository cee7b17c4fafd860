"""One record at a time, of any kind: list, create, read, update, archive and search."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call, is_id
from sandbox.routes import inputs
from sandbox.state.kinds import CONTACTS, Kind, kind_of
from sandbox.state.links import DEFINED, LABELS, PLAIN, Linked
from sandbox.state.object_search import search_objects
from sandbox.state.records import Record

LIST_LIMIT = 100
MAX_BODY = 3_000  # characters in the body of a search (documented)


def listed(call: Call) -> Response:
    """A page of records by id; `after` is the id the next page starts with."""
    limit = call.whole("limit", 10, LIST_LIMIT)
    if call.names("propertiesWithHistory") and limit > inputs.MOST_WITH_HISTORY:
        raise errors.too_many_histories(inputs.MOST_WITH_HISTORY)
    start = call.query("after") or "0"
    if not is_id(start):
        raise errors.bad_request(f"Invalid after: {start}")
    found, after = call.records.page(int(start), limit, call.flag("archived"))
    results = [_read(call, record) for record in found]
    query = [(k, v) for k, v in call.request.query_params.multi_items() if k not in ("after", "limit")]
    link = f"{call.request.url.replace(query='')}?{urlencode([('limit', limit), ('after', after), *query])}"
    return responses.json_response(responses.page(results, after, link))


def create(call: Call) -> Response:
    """201 with what was sent and what was derived from it."""
    record = inputs.create(call, call.body())
    base = str(call.request.base_url).rstrip("/")
    body = responses.whole(record, call.records.definitions)
    body["url"] = f"{base}/contacts/{call.sandbox.portal.id}/record/{call.kind.type_id}/{record.id}"
    location = f"{base}{call.request.url.path.rstrip('/')}/{record.id}"
    return responses.json_response(body, 201, {"Location": location})


def get(call: Call) -> Response:
    """One record by id, or by a unique property with `idProperty`."""
    return responses.json_response(_read(call, call.records.get(inputs.record_id(call), call.flag("archived"))))


def update(call: Call) -> Response:
    """200 with what changed; a value already held changes nothing."""
    sent = inputs.properties(call.body(), "SimplePublicObjectInput", call.sandbox.portal.switches)
    record, names = call.records.update(inputs.record_id(call), sent, call.origin)
    return responses.json_response(responses.changed(record, names, call.records.definitions))


def archive(call: Call) -> Response:
    """204, also where nothing was there to archive (HubSpot's answer to that is not verified: there is a switch)."""
    gone = call.records.archive(inputs.numeric(call.path("record_id")), call.origin)
    if not gone and call.sandbox.portal.switches.delete_missing == 404:
        raise errors.not_found()
    return Response(status_code=204)


def search(call: Call) -> Response:
    """200 with the number of matches and one page of them."""
    body = call.body()
    if len(call.raw.decode(errors="replace")) > MAX_BODY:
        raise errors.bad_request(f"The body of a search has at most {MAX_BODY} characters.")
    portal = call.sandbox.portal
    found = portal.search.run(body) if call.kind is CONTACTS else search_objects(call.records, portal.links, body)
    names = inputs.names(body, "properties")
    results = [responses.read(record, names, call.records.definitions) for record in found.contacts]
    return responses.json_response({"total": found.total, **responses.page(results, found.after)})


def body_of(call: Call, record: Record, wanted: Sequence[str], with_history: Sequence[str]) -> dict[str, Any]:
    """A record with the properties asked for, and the history of some."""
    definitions = call.records.definitions
    known = [name for name in dict.fromkeys(with_history) if definitions.get(name) is not None]
    names = [*wanted, *known] if wanted else ([*definitions.kind.default, *known] if known else [])
    body = responses.read(record, names, definitions)
    if with_history:
        changes = call.records.history(record.id, known) if known else []
        body["propertiesWithHistory"] = responses.with_history(record, known, changes)
    return body


def _read(call: Call, record: Record) -> dict[str, Any]:
    body = body_of(call, record, call.names("properties"), call.names("propertiesWithHistory"))
    # Kinds that this account does not have are left out, like unknown properties.
    kinds = [kind for kind in map(kind_of, call.names("associations")) if kind is not None]
    linked = {kind.name: _associated(call, record.id, kind) for kind in kinds}
    if any(linked.values()):
        body["associations"] = {name: {"results": results} for name, results in linked.items() if results}
    return body


def _associated(call: Call, from_id: int, kind: Kind) -> list[dict[str, str]]:
    return [
        {"id": str(linked.id), "type": name}
        for linked in call.sandbox.portal.links.of(from_id, kind)
        for name in _type_names(call.kind, kind, linked)
    ]


def _type_names(source: Kind, target: Kind, linked: Linked) -> list[str]:
    """The names of an association's types in v3 (inferred): the plain one is "unlabeled" where there are labels."""
    pair = (source.name, target.name)
    plain = f"{source.singular}_to_{target.singular}"
    labels = {(category, type_id): label for category, type_id, label in LABELS.get(pair, ())}
    names = []
    for kind in linked.types:
        if kind == (DEFINED, PLAIN[pair]):
            names.append(f"{plain}_unlabeled" if labels else plain)
        else:
            names.append(plain if kind[0] == DEFINED else labels[kind].lower().replace(" ", "_"))
    return names
