"""What only contacts have: merging, and deletion for good."""

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call
from sandbox.routes import inputs


def merge(call: Call) -> Response:
    """200 with the contact that the two became; its id is a new one unless the account keeps the primary's."""
    body = call.body()
    ids = []
    for name in ("primaryObjectId", "objectIdToMerge"):
        if body.get(name) is None:
            raise inputs.missing("PublicMergeInput", name)
        ids.append(inputs.numeric(str(body[name])))
    portal = call.sandbox.portal
    with portal.store.transaction():
        contact = portal.contacts.merge(ids[0], ids[1], call.origin)
        portal.links.move((ids[0], ids[1]), contact.id)
    return responses.json_response(responses.whole(contact, portal.definitions))


def purge(call: Call) -> Response:
    """204 for a contact deleted for good; by an email that nobody has, the email is blocked all the same."""
    body = call.body()
    if body.get("objectId") is None:
        raise inputs.missing("PublicGdprDeleteInput", "objectId")
    contacts, key = call.sandbox.portal.contacts, str(body["objectId"])
    id_property = str(body.get("idProperty") or "hs_object_id")
    contact_id = None
    if id_property == "hs_object_id":
        contact_id = contacts.resolved(inputs.numeric(key))
    elif id_property == "email":
        contact_id = contacts.holder("email", key)
    else:
        raise errors.bad_request("A permanent deletion goes by record id or by email.")
    with call.sandbox.portal.store.transaction():
        if contact_id is None:
            contacts.block(key)
        else:
            contacts.purge(contact_id, call.origin)
            call.sandbox.portal.links.forget(contact_id)
    return Response(status_code=204)
