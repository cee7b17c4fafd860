"""Up to a hundred records at a time, of any kind: read, create, update, upsert, archive.

A batch is written as a whole or not at all, except where its inputs carry an `objectWriteTraceId`: then the good
ones are written and the others are told by that id (documented).
"""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call, is_id
from sandbox.routes import inputs, records

Item = dict[str, Any]
TRACE = "objectWriteTraceId"


def read(call: Call) -> Response:
    """200, or 207 where some are missing; each record once, in the order of ids."""
    body = call.body()
    items = inputs.inputs(body, "BatchReadInputSimplePublicObjectId")
    if inputs.names(body, "propertiesWithHistory") and len(items) > inputs.MOST_WITH_HISTORY:
        raise errors.too_many_histories(inputs.MOST_WITH_HISTORY)
    keys = list(dict.fromkeys(inputs.identifier(item, "SimplePublicObjectId") for item in items))
    id_property = body.get("idProperty") or "hs_object_id"
    ids = {key: _id_of(call, key, str(id_property)) for key in keys}
    found = call.records.many({each for each in ids.values() if each is not None}, call.flag("archived"))
    wanted, history = inputs.names(body, "properties"), inputs.names(body, "propertiesWithHistory")
    there = {record.id for record in found}
    results = [records.body_of(call, record, wanted, history) for record in sorted(found, key=lambda record: record.id)]
    return _answer(call, results, _missing(call, [key for key in keys if ids[key] not in there]))


def create(call: Call) -> Response:
    """201 with the records in another order than the inputs (recorded); 409 of the whole for one duplicate."""
    items = inputs.inputs(call.body(), "BatchInputSimplePublicObjectBatchInputForCreate")
    made: set[int] = set()

    def one(item: Item) -> Item:
        try:
            record = inputs.create(call, item)
        except errors.AlreadyExists as refusal:
            if refusal.contact_id in made and not _traced(items):
                # The other one is in this batch and will not exist: there is no id to tell. Not verified.
                raise errors.AlreadyExists(None) from refusal
            raise
        made.add(record.id)
        return responses.whole(record, call.records.definitions)

    results, failed = _run(call, items, one)
    return _answer(call, results[::-1], failed, 201)


def update(call: Call) -> Response:
    """200 with what changed in each; 207 for missing ones. By id, or by a unique property of the account (documented).

    The id of a merged record is missing here (documented).
    """
    items = inputs.inputs(call.body(), "BatchInputSimplePublicObjectBatchInput")
    _require_distinct([inputs.identifier(item, "SimplePublicObjectBatchInput") for item in items])
    ids = [_updated_id(call, item) for item in items]
    _require_distinct([str(each) for each in ids if each is not None])
    missing: list[str] = []

    def one(item: Item) -> Item | None:
        sent = inputs.properties(item, "SimplePublicObjectBatchInput", call.sandbox.portal.switches)
        contact_id = _updated_id(call, item)
        if contact_id is None or not call.records.many([contact_id]):
            if item.get(TRACE) is not None:
                raise errors.HubSpotError(404, _gone(call), "OBJECT_NOT_FOUND", context={"ids": [str(item["id"])]})
            missing.append(str(item["id"]))
            return None
        record, names = call.records.update(contact_id, sent, call.origin)
        return responses.changed(record, names, call.records.definitions)

    results, failed = _run(call, items, one)
    return _answer(call, results, failed + _missing(call, missing))


def upsert(call: Call) -> Response:
    """200 with `new` in each: whether it was created. By email or by a unique property of the account."""
    items = inputs.inputs(call.body(), "BatchInputSimplePublicObjectBatchInputUpsert")
    _require_distinct([inputs.identifier(item, "SimplePublicObjectBatchInputUpsert") for item in items])

    def one(item: Item) -> Item:
        key, id_property = str(item["id"]), item.get("idProperty")
        sent = inputs.properties(item, "SimplePublicObjectBatchInputUpsert", call.sandbox.portal.switches)
        if id_property in (None, "hs_object_id"):
            record, _ = call.records.update(inputs.numeric(key), sent, call.origin)
            return responses.whole(record, call.records.definitions) | {"new": False}
        held = call.records.holder(str(id_property), key)
        if held is None:
            record = call.records.create({str(id_property): key, **sent}, call.origin)
        else:
            record, _ = call.records.update(held, sent, call.origin)
        return responses.whole(record, call.records.definitions) | {"new": held is None}

    results, failed = _run(call, items, one)
    return _answer(call, results[::-1], failed)


def archive(call: Call) -> Response:
    """204, whether or not the records were there."""
    items = inputs.inputs(call.body(), "BatchInputSimplePublicObjectId")
    ids = [_id_of(call, inputs.identifier(item, "SimplePublicObjectId"), "hs_object_id") for item in items]
    with call.sandbox.portal.store.transaction():
        for contact_id in ids:
            if contact_id is not None:
                call.records.archive(contact_id, call.origin)
    return Response(status_code=204)


def _run(call: Call, items: list[Item], one: Callable[[Item], Item | None]) -> tuple[list[Item], list[Item]]:
    """What every input came to, and the errors of those that may fail alone; raises where the whole fails."""
    portal = call.sandbox.portal
    results: list[Item] = []
    failed: list[Item] = []
    problems: list[errors.Invalid] = []
    alone = _traced(items)
    with portal.store.transaction():
        for item in items:
            try:
                with portal.store.transaction():
                    result = one(item)
            except errors.InvalidProperties as refusal:
                problems += refusal.problems
                failed.append(_failed(item, refusal))
            except errors.HubSpotError as refusal:
                if not alone:
                    raise
                failed.append(_failed(item, refusal))
            else:
                if result is not None:
                    results.append(result | ({TRACE: str(item[TRACE])} if item.get(TRACE) is not None else {}))
        if problems and not alone:
            raise errors.invalid_properties(problems, portal.id)
    return results, failed


def _traced(items: list[Item]) -> bool:
    return any(item.get(TRACE) is not None for item in items)


def _failed(item: Item, refusal: errors.HubSpotError) -> Item:
    context = dict(refusal.extra.get("context", {}))
    if item.get(TRACE) is not None:
        context[TRACE] = [str(item[TRACE])]
    return {
        "status": "error",
        "category": refusal.category or "OBJECT_NOT_FOUND",
        "message": refusal.message,
        "context": context,
        "errors": refusal.extra.get("errors", []),
        "links": {},
    }


def _missing(call: Call, keys: list[str]) -> list[Item]:
    """The one error that tells all missing ids (observed for reads, inferred for updates)."""
    if not keys:
        return []
    error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": _gone(call), "context": {"ids": keys}}
    return [error]


def _gone(call: Call) -> str:
    kind = call.kind.singular.upper()
    return f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."


def _id_of(call: Call, key: str, id_property: str) -> int | None:
    if id_property != "hs_object_id":
        return call.records.holder(id_property, key)
    return int(key) if is_id(key) else None


def _updated_id(call: Call, item: Item) -> int | None:
    id_property = str(item.get("idProperty") or "hs_object_id")
    if id_property == "email":
        raise errors.bad_request("A batch update goes by record id, or by a unique property of the account's own.")
    return _id_of(call, str(item["id"]), id_property)


def _require_distinct(keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise errors.bad_request(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique")


def _answer(call: Call, results: list[Item], failed: list[Item], status: int = 200) -> Response:
    body = responses.batch(results, failed, call.sandbox.portal.clock.now(), call.strict)
    if call.one_batch_status:
        return responses.json_response(body)
    return responses.json_response(body, 207 if failed else status)
