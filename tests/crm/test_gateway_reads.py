"""What the gateway reads beyond single contacts, and the paths that it takes in each version."""

from collections.abc import Callable

import pytest

from crm.hubspot import gateway
from crm.hubspot.gateway import Gateway
from settings import Settings
from support.children import Sandbox

METTE = "mette.hansen@nordlys.example"


async def test_a_batch_leaves_out_what_is_not_there(gate: Gateway, crm: Sandbox) -> None:
    """More ids than one batch takes are read, and missing, archived and worded ones are simply absent."""
    ids = [str(c["id"]) for c in crm.http.get("/crm/v3/objects/contacts", params={"limit": "100"}).json()["results"]]
    made = [crm.create(firstname="Ny", lastname=str(n)) for n in range(8)]
    await gate.archive(made[0])
    found = await gate.batch_read([*ids, *made, "999999999999", "x", made[1]], ["firstname"])
    assert sorted(c.id for c in found) == sorted([*ids, *made[1:]])
    assert all("firstname" in c.properties for c in found)


async def test_history_is_newest_first(gate: Gateway, crm: Sandbox) -> None:
    """The values that a property had come with their times, the present one first."""
    contact_id = crm.create(firstname="Ny", jobtitle="Elev")
    crm.set(contact_id, jobtitle="Svend")
    past = (await gate.history(contact_id, ["jobtitle"]))["jobtitle"]
    assert [version.value for version in past] == ["Svend", "Elev"]
    assert past[0].at >= past[1].at > "2020"


async def test_owners_come_from_all_pages(gate: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal with more owners than a page holds has all of them, with name and email."""
    whole = await gate.owners()
    monkeypatch.setattr(gateway, "OWNERS", 1)  # 500 a page otherwise: nobody seeds so many
    assert await gate.owners() == whole
    assert len({owner.id for owner in whole}) == len(whole) > 1
    assert all(owner.name and "@" in owner.email for owner in whole)


async def test_deactivated_owners_are_read_apart(gate: Gateway, crm: Sandbox) -> None:
    """Owners who were deactivated come on request only, with their names; not one of them is an option."""
    (lone,) = await gate.owners(archived=True)
    assert (lone.name, lone.email) == ("Lone Dahl", "lone.dahl@nordlys.example")
    assert lone.id not in {owner.id for owner in await gate.owners()}
    crm.fail(match={"path_contains": "/owners", "nth": 2}, times=None, status=503)
    schema = await gate.schema()
    assert schema["hubspot_owner_id"].options and not schema["hubspot_owner_id"].former and not schema.complete


async def test_a_write_tells_its_correlation_id(gate: Gateway, crm: Sandbox) -> None:
    """Create and update carry HubSpot's name for the call, by which its support finds it."""
    made = await gate.create({"email": "spor@nordlys.example"})
    changed = await gate.update(made.id, {"firstname": "Spor"})
    assert [w["correlationId"] for w in crm.writes()] == [made.correlation_id, changed.correlation_id]


async def test_the_version_is_in_every_path(gates: Callable[..., Gateway], crm: Sandbox) -> None:
    """A dated version asks the dated paths only, but for the account's details, which have none that is known."""
    gateway = gates(api_version="2026-03")
    await gateway.schema()
    found = await gateway.get_by_email(METTE, ["email"])
    await gateway.batch_read([found.id], ["email"])
    await gateway.search({"query": "mette", "limit": 1})
    await gateway.account()
    paths = [request["path"].partition("?")[0] for request in crm.requests()]
    assert paths == [
        "/crm/properties/2026-03/0-1",
        "/crm/owners/2026-03",
        "/crm/owners/2026-03",
        f"/crm/objects/2026-03/contacts/{METTE}",
        "/crm/objects/2026-03/contacts/batch/read",
        "/crm/objects/2026-03/contacts/search",
        "/account-info/v3/details",
    ]


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_a_version_is_taken(version: str) -> None:
    """HUBSPOT_API_VERSION is v3 or a year and month."""
    assert Settings(_env_file=None, hubspot_api_version=version).hubspot_api_version == version


@pytest.mark.parametrize("version", ["v4", "3", "2026-13", "2026-9", "latest", "2026-09/x"])
def test_another_version_is_refused_with_a_sentence(version: str) -> None:
    """Anything else is refused with what is possible."""
    with pytest.raises(ValueError, match="must be v3 or a dated version"):
        Settings(_env_file=None, hubspot_api_version=version)


async def test_ping_tells_the_limits(gate: Gateway) -> None:
    """The cheapest call brings the headers that a check of the installation reads."""
    headers = await gate.ping()
    assert int(headers["X-HubSpot-RateLimit-Max"]) == 100
    assert headers.get("Date")
