"""Associations of version 4: between two records, of one record, and in batches."""

from typing import Any

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call, is_id
from sandbox.routes import inputs
from sandbox.state.kinds import Kind
from sandbox.state.links import DEFINED, PLAIN, Linked

Item = dict[str, Any]
MOST = 500
BATCH_READ, BATCH_WRITE = 1_000, 2_000


def put_default(call: Call) -> Response:
    """200 with the plain association, seen from both sides."""
    source, target = _pair(call)
    call.sandbox.portal.links.add(source, target, [], call.origin)
    return _defaults(call, [(source[1], target[1])])


def put_labelled(call: Call) -> Response:
    """201 with the labels between the two."""
    source, target = _pair(call)
    types = inputs.association_types(call.json())
    return responses.json_response(_labels(call, source[1], target[1], types), 201)


def listed(call: Call) -> Response:
    """200 with the records of a kind that this one is associated with."""
    from_id, to_kind = inputs.numeric(call.path("record_id")), call.other("other")
    from_id = call.records.get(from_id).id
    limit, after = call.whole("limit", MOST, MOST), call.query("after") or "0"
    if not is_id(after):
        raise errors.bad_request(f"Invalid after: {after}")
    found = [each for each in call.sandbox.portal.links.of(from_id, to_kind) if each.id >= int(after)]
    following = found[limit].id if len(found) > limit else None
    results = [_linked(call, to_kind, each) for each in found[:limit]]
    return responses.json_response(responses.page(results, following))


def remove(call: Call) -> Response:
    """204; every association between the two is gone, also where there was none."""
    source, target = _pair(call)
    call.sandbox.portal.links.remove(source, target, call.origin)
    return Response(status_code=204)


def labels(call: Call) -> Response:
    """200 with the types that associations between two kinds can have."""
    types = call.sandbox.portal.links.types_of(call.kind, call.other("other"))
    results = [{"category": category, "typeId": type_id, "label": label} for category, type_id, label in types]
    return responses.json_response({"results": results})


def batch_create(call: Call) -> Response:
    """201 with the labels of every pair; nothing is written where one of them cannot be."""
    items = _items(call, BATCH_WRITE)
    with call.sandbox.portal.store.transaction():
        results = [
            _labels(call, _side(item, "from"), _side(item, "to"), inputs.association_types(item.get("types")))
            for item in items
        ]
    return responses.json_response(_batch(call, results, []), 201)


def batch_default(call: Call) -> Response:
    """200 with the plain associations, seen from both sides."""
    pairs = [(_side(item, "from"), _side(item, "to")) for item in _items(call, BATCH_WRITE)]
    with call.sandbox.portal.store.transaction():
        for from_id, to_id in pairs:
            source, target = (call.kind, from_id), (call.other("other"), to_id)
            call.sandbox.portal.links.add(source, target, [], call.origin)
    return _defaults(call, pairs)


def batch_read(call: Call) -> Response:
    """200, or 207 where a record has no association of the kind."""
    to_kind = call.other("other")
    results, failed = [], []
    for item in _items(call, BATCH_READ):
        from_id = inputs.identifier(item, "PublicFetchAssociationsBatchRequest")
        found = call.sandbox.portal.links.of(inputs.numeric(from_id), to_kind)
        if found:
            results.append({"from": {"id": from_id}, "to": [_linked(call, to_kind, each) for each in found]})
        else:
            failed.append(_none(to_kind, call.kind, from_id))
    return responses.json_response(_batch(call, results, failed), 207 if failed else 200)


def batch_archive(call: Call) -> Response:
    """204, in a dated version 200 with the answer to a batch; every association between the pairs is gone."""
    with call.sandbox.portal.store.transaction():
        for item in _items(call, BATCH_WRITE):
            targets = item.get("to") if isinstance(item.get("to"), list) else [item.get("to")]
            for target in targets or []:
                pair = (call.kind, _side(item, "from")), (call.other("other"), _side({"to": target}, "to"))
                call.sandbox.portal.links.remove(*pair, call.origin)
    return responses.json_response(_batch(call, [], [])) if call.version else Response(status_code=204)


def _pair(call: Call) -> tuple[tuple[Kind, int], tuple[Kind, int]]:
    source = (call.kind, inputs.numeric(call.path("record_id")))
    return source, (call.other("other"), inputs.numeric(call.path("other_id")))


def _items(call: Call, most: int) -> list[Item]:
    items = call.body().get("inputs")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise inputs.missing("BatchInput", "inputs")
    if len(items) > most:
        raise errors.bad_request(f"A batch has at most {most} inputs, this one has {len(items)}.")
    return items


def _side(item: Item, name: str) -> int:
    return inputs.numeric(inputs.identifier(item.get(name), "PublicObjectId"))


def _labels(call: Call, from_id: int, to_id: int, types: list[tuple[str, int]]) -> Item:
    to_kind, portal = call.other("other"), call.sandbox.portal
    portal.links.add((call.kind, from_id), (to_kind, to_id), types, call.origin)
    named = [portal.links.label(call.kind, to_kind, kind) for kind in types]
    return {
        "fromObjectTypeId": call.kind.type_id,
        "fromObjectId": str(from_id),
        "toObjectTypeId": to_kind.type_id,
        "toObjectId": str(to_id),
        "labels": [label for label in named if label is not None],
    }


def _linked(call: Call, to_kind: Kind, linked: Linked) -> Item:
    types = [
        {"category": kind[0], "typeId": kind[1], "label": call.sandbox.portal.links.label(call.kind, to_kind, kind)}
        for kind in linked.types
    ]
    return {"toObjectId": linked.id, "associationTypes": types}


def _defaults(call: Call, pairs: list[tuple[int, int]]) -> Response:
    here, there = call.kind.name, call.other("other").name
    results = [
        {
            "from": {"id": str(from_id)},
            "to": {"id": str(to_id)},
            "associationSpec": {"associationCategory": DEFINED, "associationTypeId": type_id},
        }
        for pair in pairs
        for from_id, to_id, type_id in ((*pair, PLAIN[here, there]), (*pair[::-1], PLAIN[there, here]))
    ]
    return responses.json_response(_batch(call, results, []))


def _none(to_kind: Kind, from_kind: Kind, from_id: str) -> Item:
    """What is told of a record without associations (inferred)."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {to_kind.singular} is associated with {from_kind.singular} {from_id}.",
        "context": {"fromObjectId": [from_id], "fromObjectType": [from_kind.name], "toObjectType": [to_kind.name]},
    }


def _batch(call: Call, results: list[Item], failed: list[Item]) -> Item:
    return responses.batch(results, failed, call.sandbox.portal.clock.now(), call.strict)
