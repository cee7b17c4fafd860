"""What an administrator does in HubSpot's own pages, and what nobody has verified: under `/_sandbox/`."""

from collections.abc import Callable
from typing import Any

from sandbox.context import Sandbox
from sandbox.endpoint import is_id
from sandbox.errors import bad_request
from sandbox.state.kinds import kind_of
from sandbox.state.records import Origin
from sandbox.state.rules import read_rule

Body = dict[str, Any]
ACCOUNT_TYPES = ("STANDARD", "SANDBOX", "DEVELOPER_TEST", "APP_DEVELOPER")


def restore(sandbox: Sandbox, body: Body) -> Body:
    """Bring an archived record back, which HubSpot offers in its pages only, for 90 days."""
    kind, record_id = kind_of(str(body.get("objectType", "contacts"))), str(body.get("objectId"))
    if kind is None or not is_id(record_id):
        raise bad_request("restore takes an objectId, and an objectType other than contacts.")
    sandbox.portal.refresh()
    record = sandbox.portal.records[kind.name].restore(int(record_id), Origin(""))
    return {"id": str(record.id)}


def set_rules(sandbox: Sandbox, body: Body) -> None:
    """Replace the validation rules."""
    rules = [read_rule(item) for item in body["rules"]] if isinstance(body.get("rules"), list) else None
    if rules is None:
        raise bad_request("rules must be a list.")
    for rule in rules:
        definitions = sandbox.portal.schema.get(rule.kind)
        names = [*(name for name, _ in rule.when), *rule.require]
        if definitions is None or any(definitions.get(name) is None for name in names):
            raise bad_request("A rule names an object type or a property that does not exist.")
    sandbox.portal.set_rules(rules)


def rules(sandbox: Sandbox, body: Body) -> Body:
    """The validation rules."""
    return {"rules": [rule.body() for rule in sandbox.portal.rules]}


def set_switches(sandbox: Sandbox, body: Body) -> Body:
    """Change some switches; all of them."""
    sandbox.portal.switches.set(body)
    return sandbox.portal.switches.body()


def switches(sandbox: Sandbox, body: Body) -> Body:
    """All switches."""
    return sandbox.portal.switches.body()


def set_account(sandbox: Sandbox, body: Body) -> None:
    """Make it another type of account until the end of the process: some clients write to test accounts only."""
    if body.get("accountType") not in ACCOUNT_TYPES:
        raise bad_request(f"accountType is one of {', '.join(ACCOUNT_TYPES)}.")
    sandbox.portal.account_type = body["accountType"]


def add_owner(sandbox: Sandbox, body: Body) -> Body:
    """Give the account one more owner."""
    first, last, email = (str(body.get(key) or "") for key in ("firstName", "lastName", "email"))
    if "@" not in email:
        raise bad_request("owners takes an email, and perhaps a firstName and a lastName.")
    return {"id": sandbox.portal.add_owner(first, last, email.lower())}


ACTIONS: list[tuple[str, str, Callable[[Sandbox, Body], Any]]] = [
    ("POST", "account", set_account),
    ("POST", "owners", add_owner),
    ("POST", "restore", restore),
    ("GET", "validation-rules", rules),
    ("POST", "validation-rules", set_rules),
    ("GET", "switches", switches),
    ("POST", "switches", set_switches),
]
