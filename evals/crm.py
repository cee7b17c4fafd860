"""The CRM of a run: a sandbox that is emptied for each task, filled with its contacts, and read as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from evals.tasks import Task, TaskError
from support.children import Sandbox, running_sandbox

OWNER = "hubspot_owner_id"
PAGE = 100
Snapshot = dict[str, dict[str, str]]  # contact id -> property -> value, without what is empty


class Crm:
    """A sandbox with the contacts of one task at a time.

    Properties that HubSpot calculates or lets nobody write are left out of what is compared: the definitions say which.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        definitions = sandbox.http.get("/crm/v3/properties/contacts").raise_for_status().json()["results"]
        self.writable = sorted(p["name"] for p in definitions if not _computed(p))
        self._owners: dict[str, str] = {}
        self._empty()
        bare = sandbox.create(firstname="Bare")
        values = self.contacts()[bare]
        self.defaults = {name: value for name, value in values.items() if name != "firstname"}  # of every new contact

    def check(self, tasks: Sequence[Task]) -> None:
        """Raise TaskError if a task names a property that does not exist or is read-only."""
        known = set(self.writable)
        for task in tasks:
            for contact in (*task.start, *task.end):
                if unknown := contact.properties.keys() - known:
                    raise TaskError(f"{task.id}: {sorted(unknown)[0]} is no property that can be written")

    def prepare(self, task: Task) -> dict[str, str]:
        """Empty the CRM and make the contacts of the start; return their ids by key."""
        self._empty()
        self._own(task.owners)
        ids = {}
        for contact in task.start:
            owner = {OWNER: self._owners[contact.owner]} if contact.owner else {}
            answer = self.sandbox.http.post(
                "/crm/v3/objects/contacts", json={"properties": {**contact.properties, **owner}}
            )
            if answer.is_error:
                why = "" if task.sealed else f": {answer.json().get('message')}"
                raise TaskError(f"{task.id}: the contact {contact.key} cannot be made{why}")
            ids[contact.key] = str(answer.json()["id"])
        self.sandbox.control("DELETE", "writes")
        self.sandbox.forget()
        return ids

    def owner(self, name: str) -> str:
        """The id of an owner of the current task."""
        return self._owners[name]

    def contacts(self) -> Snapshot:
        """All contacts with all properties that can be written."""
        found: Snapshot = {}
        asked = {"limit": str(PAGE), "properties": ",".join(self.writable)}
        while True:
            page = self.sandbox.http.get("/crm/v3/objects/contacts", params=asked).raise_for_status().json()
            for contact in page["results"]:
                values = contact["properties"]
                found[contact["id"]] = {name: values[name] for name in self.writable if values.get(name)}
            if not (after := page.get("paging", {}).get("next", {}).get("after")):
                return found
            asked["after"] = after

    def calls(self) -> int:
        """How many calls about records were made: the schema, the owners and the account are read once a process."""
        return sum("/objects/" in request["path"] for request in self.sandbox.requests())

    def _empty(self) -> None:
        self.sandbox.control("POST", "lag", {"seconds": 0})
        self.sandbox.control("POST", "reset", {"seed": "none"})

    def _own(self, names: set[str]) -> None:
        there = self.sandbox.http.get("/crm/v3/owners/", params={"limit": 500}).raise_for_status().json()["results"]
        self._owners = {f"{owner['firstName']} {owner['lastName']}".strip(): owner["id"] for owner in there}
        for number, name in enumerate(sorted(names - self._owners.keys()), 1):
            first, _, last = name.partition(" ")
            named = {"firstName": first, "lastName": last, "email": f"owner{number}@portal.example"}
            self._owners[name] = self.sandbox.control("POST", "owners", named)["id"]


def _computed(definition: dict[str, Any]) -> bool:
    return bool(definition["calculated"] or definition["modificationMetadata"]["readOnlyValue"])


@contextmanager
def open_crm() -> Iterator[Crm]:
    """A sandbox of its own in a child process, without lag."""
    with running_sandbox("--seed", "none", "--search-lag", "0") as sandbox:
        yield Crm(sandbox)
