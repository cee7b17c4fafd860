"""The schema of the demo's account without a server, for tests that ask HubSpot nothing else."""

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

from hubspot.crm import owners, properties

from crm.domain.schema import Schema, read_property
from crm.hubspot.read_models import owner
from sandbox import responses
from sandbox.state.portal import Portal
from sandbox.state.store import Store


@cache
def demo_schema() -> Schema:
    """What ``Portal.schema`` reads from a sandbox: its definitions and owners through the official client's models."""
    account = Portal(Store(":memory:"))
    everybody = [responses.owner_body(each) for each in account.owners]
    active = [owner(o) for o in _read(owners, "PublicOwner", [o for o in everybody if not o["archived"]])]
    former = [owner(o) for o in _read(owners, "PublicOwner", [o for o in everybody if o["archived"]])]
    bodies = [responses.definition_body(each, order) for order, each in enumerate(account.definitions)]
    found = [read_property(p, active, former) for p in _read(properties, "ModelProperty", bodies)]
    return Schema(found).in_zone(account.details()["timeZone"])


def _read(package: Any, model: str, bodies: list[dict[str, Any]]) -> list[Any]:
    answer = SimpleNamespace(data=json.dumps(bodies))
    return list(package.ApiClient().deserialize(answer, f"list[{model}]"))
