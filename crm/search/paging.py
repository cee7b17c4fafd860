"""Pages of a search, to the last result: HubSpot itself shows no more than 10,000 (documented).

Behind these, the search goes on from the value of the last one that HubSpot shows, as its own documentation advises:
``hs_object_id`` of the default order, or the property that is sorted by. Contacts without a value come last.
"""

from collections.abc import Mapping
from typing import Any

from crm.domain import Found
from crm.hubspot import Filter, compares, unset
from crm.portal import Portal
from crm.search.read_your_writes import search_with_recent

MOST_RESULTS = 10_000  # that HubSpot shows of one search (documented)
_ID = "hs_object_id"
_Body = Mapping[str, Any]


async def results_from(portal: Portal, request: _Body, start: int) -> Found:
    """The contacts of the search from number ``start`` (0 is the first) on, as many as its limit, and the total."""
    limit = int(request["limit"])
    if start + limit <= MOST_RESULTS:
        return await search_with_recent(portal, {**request, "after": start} if start else request)
    total = (await _page(portal, request, 0, limit=1)).total
    if start >= total:
        return Found([], total)
    narrowed, at = request, start
    while at + limit > MOST_RESULTS:
        narrowed, at = await _behind(portal, narrowed, at)
    contacts = (await _page(portal, narrowed, at)).contacts
    if contacts and len(contacts) < min(limit, total - start):  # the narrowed search ends before the whole one does
        rest = {**request, "limit": limit - len(contacts)}
        contacts = [*contacts, *(await results_from(portal, rest, start + len(contacts))).contacts]
    return Found(contacts, total)


async def _behind(portal: Portal, request: _Body, start: int) -> tuple[_Body, int]:
    """Return a narrower search for what HubSpot does not show, and the position of result ``start`` in it."""
    name, descending = _order(request)
    if name != _ID:
        valued = _with(request, compares(name, "HAS_PROPERTY"))
        count = (await _page(portal, valued, 0, limit=1)).total
        if start >= count:
            return {**_with(request, unset(name)), "sorts": _by_id()}, start - count
    cut = min(start, MOST_RESULTS)
    last = (await _page(portal, {**_sorted(request, name), "properties": [name]}, cut - 1, limit=1)).contacts[0]
    value = last.id if name == _ID else str(last.properties.get(name) or "")
    if name == _ID:
        return _sorted(_with(request, compares(_ID, "LT" if descending else "GT", value)), _ID), start - cut
    # several contacts may have the same value: the search goes on with the first of them
    rest = _with(request, compares(name, "LTE" if descending else "GTE", value))
    before = count - (await _page(portal, rest, 0, limit=1)).total
    if not before:  # all that HubSpot shows have this value: the next order is that of their ids
        return await _behind_equal(portal, request, name, value, start)
    return rest, start - before


async def _behind_equal(portal: Portal, request: _Body, name: str, value: str, start: int) -> tuple[_Body, int]:
    """Do the same as ``_behind`` if the first 10,000 contacts all have the same value."""
    _, descending = _order(request)
    equal = {**_with(request, compares(name, "EQ", value)), "sorts": _by_id()}
    count = (await _page(portal, equal, 0, limit=1)).total
    if start < count:
        return equal, start
    return _with(request, compares(name, "LT" if descending else "GT", value)), start - count


async def _page(portal: Portal, request: _Body, start: int, limit: int = 0) -> Found:
    return await portal.gateway.search({**request, "after": start, "limit": limit or request["limit"]})


def _order(request: _Body) -> tuple[str, bool]:
    """The property that is sorted by, and whether the last value comes first."""
    sort = next(iter(request.get("sorts") or _by_id()))
    return str(sort["propertyName"]), sort["direction"] == "DESCENDING"


def _by_id() -> list[dict[str, str]]:
    return [{"propertyName": _ID, "direction": "ASCENDING"}]


def _sorted(request: _Body, name: str) -> _Body:
    return {**request, "sorts": request.get("sorts") or _by_id()} if name == _ID else request


def _with(request: _Body, wanted: Filter) -> _Body:
    """The search with one filter more, in the place of an earlier one of the same kind."""
    kind = (wanted["propertyName"], wanted["operator"])
    groups: list[list[Filter]] = [group["filters"] for group in request.get("filterGroups") or ()] or [[]]
    narrowed = [[f for f in group if (f["propertyName"], f["operator"]) != kind] for group in groups]
    return {**request, "filterGroups": [{"filters": [*group, wanted]} for group in narrowed]}
