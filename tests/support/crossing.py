"""The operations of the gateway, each with the call to break and what must be true afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from crm.hubspot.gateway import Gateway
from support.children import SANDBOX_TOKEN
from support.patience import patiently

CONTACTS = "/crm/v3/objects/contacts"
NAMES = ("firstname", "email", "company")


class Scene:
    """A sandbox of its own with two contacts of one company: what an operation works on."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {SANDBOX_TOKEN}"}, timeout=30, trust_env=False
        )
        self._used = True

    async def set_up(self) -> None:
        """Set two contacts up, new ones if the last were written to, without faults and without writes in the log."""
        if not self._used:
            return
        mark = uuid4().hex[:12]
        self.company, self.email, self.new = f"Firma {mark}", f"{mark}@nordlys.example", f"ny-{mark}@nordlys.example"
        self.id = await self._create(firstname="Mette", email=self.email, company=self.company)
        self.other = await self._create(firstname="Hans", company=self.company)
        await self.control("DELETE", "writes")
        self._used = False

    async def control(self, method: str, name: str, body: Any = None) -> Any:
        """One call of the control API."""
        return (await self.http.request(method, f"/_sandbox/{name}", json=body)).raise_for_status().json()

    async def read(self, path: str, **params: str) -> Any:
        """Read a record without the gateway; None where there is none."""
        answer = await self.http.get(f"{CONTACTS}/{path}", params={"properties": ",".join(NAMES), **params})
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    async def writes(self) -> list[dict[str, Any]]:
        """The writes that took effect since ``set_up``."""
        found = list((await self.control("GET", "writes"))["writes"])
        self._used = self._used or bool(found)
        return found

    async def quiet(self) -> None:
        """Wait until no delayed request is running: it may write although nobody waits for it."""
        async with asyncio.timeout(patiently(10)):
            while any(r["status"] is None for r in (await self.control("GET", "requests"))["requests"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _create(self, **properties: str) -> str:
        answer = await self.http.post(CONTACTS, json={"properties": properties})
        return str(answer.raise_for_status().json()["id"])


@dataclass(frozen=True)
class Operation:
    """``match`` selects the call that fails; ``right`` checks the result, and the sandbox after it."""

    name: str
    match: dict[str, str]
    run: Callable[[Gateway, Scene], Awaitable[Any]]
    right: Callable[[Any, Scene], Awaitable[bool]]
    writes: int = 0
    once: bool = False  # it is not made again where it may have taken effect


def _search(scene: Scene, **more: Any) -> dict[str, Any]:
    one = {"propertyName": "company", "operator": "EQ", "value": scene.company}
    return {"filterGroups": [{"filters": [one]}], "properties": list(NAMES), "limit": 1, **more}


async def _is_mette(found: Any, scene: Scene) -> bool:
    return bool(found.id == scene.id and found.properties["email"] == scene.email)


async def _page(found: Any, scene: Scene) -> bool:
    return found.total == 2 and [c.properties["company"] for c in found.contacts] == [scene.company]


async def _created(made: Any, scene: Scene) -> bool:
    stored, (write,) = await scene.read(made.id), await scene.writes()
    noted = (write["objectId"], write["correlationId"]) == (made.id, made.correlation_id)
    return noted and stored["properties"]["company"] == "Ny"


async def _updated(made: Any, scene: Scene) -> bool:
    return bool(made.id == scene.id and (await scene.read(scene.id))["properties"]["firstname"] == "Merete")


async def _moved(made: Any, scene: Scene) -> bool:
    return bool(made.id == scene.id and (await scene.read(scene.id))["properties"]["email"] == scene.new)


async def _gone(made: Any, scene: Scene) -> bool:
    return await scene.read(scene.id) is None


async def _both(found: Any, scene: Scene) -> bool:
    return {c.id for c in found} == {scene.id, scene.other}


async def _past(found: Any, scene: Scene) -> bool:
    return [version.value for version in found["firstname"]] == ["Mette"]


async def _schema(found: Any, scene: Scene) -> bool:
    return found.get("email") is not None and bool(found["hubspot_owner_id"].options)


async def _owners(found: Any, scene: Scene) -> bool:
    return bool(found) and all(owner.id and owner.name for owner in found)


async def _account(found: Any, scene: Scene) -> bool:
    return (found.portal_id, found.time_zone) == (143000001, "Europe/Copenhagen")


async def _headers(found: Any, scene: Scene) -> bool:
    return "X-HubSpot-RateLimit-Daily" in found


ONE, PATCH = {"path_contains": "/contacts/"}, {"method": "PATCH"}
OPERATIONS = [
    Operation("get", ONE, lambda g, s: g.get(s.id, NAMES), _is_mette),
    Operation("get_by_email", ONE, lambda g, s: g.get_by_email(s.email, NAMES), _is_mette),
    Operation("search", {"path_contains": "/search"}, lambda g, s: g.search(_search(s)), _page),
    Operation("search page 2", {"path_contains": "/search"}, lambda g, s: g.search(_search(s, after="1")), _page),
    Operation(
        *("create with email", {"method": "POST"}),
        lambda g, s: g.create({"email": s.new, "company": "Ny"}),
        _created,
        writes=1,
        once=True,
    ),
    Operation(
        *("create without", {"method": "POST"}),
        lambda g, s: g.create({"firstname": s.new, "company": "Ny"}),
        _created,
        writes=1,
        once=True,
    ),
    Operation(
        "update", {"method": "PATCH"}, lambda g, s: g.update(s.id, {"firstname": "Merete"}), _updated, 1, once=True
    ),
    Operation("update email", {"method": "PATCH"}, lambda g, s: g.update(s.id, {"email": s.new}), _moved, 1, once=True),
    Operation("archive", {"method": "DELETE"}, lambda g, s: g.archive(s.id), _gone, 1, once=True),
    Operation(
        "batch_read", {"path_contains": "/batch/read"}, lambda g, s: g.batch_read([s.id, s.other, "1"], NAMES), _both
    ),
    Operation("history", ONE, lambda g, s: g.history(s.id, ["firstname"]), _past),
    Operation("schema", {"path_contains": "/properties"}, lambda g, s: g.schema(), _schema),
    Operation("owners", {"path_contains": "/owners"}, lambda g, s: g.owners(), _owners),
    Operation("account", {"path_contains": "/account-info"}, lambda g, s: g.account(), _account),
    Operation("ping", {"path_contains": "/contacts"}, lambda g, s: g.ping(), _headers),
]
