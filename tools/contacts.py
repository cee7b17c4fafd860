"""Finding contacts, and proposing to create or update one.

A tool answers with text for the model and an artifact (plain JSON) for code. One that is tagged
``READ`` looks things up; any other proposes a change, which is kept until a person approves it, and
itself writes nothing. Errors of ``crm.domain.errors`` pass through: the node that runs the tools words them.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, Literal

from langchain.tools import tool
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field

from crm import Portal
from crm.changes import UndoRequest, propose_create, propose_undo, propose_update
from crm.domain import SUMMARY, Change, Contact, CrmError, LedgerEntry
from crm.search import details, search
from crm.store import Ledger
from crm.write import settle_for

READ = "read"
MOST_CHANGES = 20  # that a list shows
MOST_DAYS = 3_650  # a model may ask for more than a calendar holds
WIDTH = 60  # characters of a value that the model is shown: a record is data of unknown length


def _shorten(schema: dict[str, Any]) -> None:
    """Leaves the class's docstring and the defaults out: every word here is sent with every call of the model."""
    schema.pop("description", None)
    for prop in schema["properties"].values():
        prop.pop("default", None)


class Properties(BaseModel):
    """Properties of a contact; any other by its HubSpot name or label."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, json_schema_extra=_shorten)
    __pydantic_extra__: dict[str, str]

    email: str = ""
    firstname: str = ""
    lastname: str = ""
    phone: str = ""
    mobilephone: str = ""
    company: str = ""
    jobtitle: str = ""

    def given(self) -> dict[str, str]:
        """Only what the model gave; "" among it clears a property."""
        return {name: str(value) for name, value in self.model_dump(exclude_unset=True).items()}


Ref = Annotated[str, Field(description="id, email or full name", coerce_numbers_to_str=True)]
Text = Annotated[str, Field(coerce_numbers_to_str=True)]
New = Annotated[Properties, Field(description='New values; "" clears one. Others by HubSpot name or label')]


def contact_tools(portal: Portal) -> list[BaseTool]:
    """The tools over one portal.

    They read ``source_of`` (``language.grounding``), ``phone_settled`` and ``ids`` (``crm.domain.change``) and ``by``
    (``crm.domain``) from the run's ``configurable``.
    """

    @tool("search_contacts", response_format="content_and_artifact")
    async def search_contacts(
        query: Annotated[str, Field(description="email, phone, name, company")] = "",
        filters: Annotated[dict[str, str] | None, Field(description="property: value")] = None,
    ) -> tuple[str, dict[str, Any]]:
        """Find contacts. The user sees the numbered list; do not repeat it."""
        found = await search(portal, query, filters or {})
        rows = "\n".join([f"{found.total} found", *(row(c, n) for n, c in enumerate(found.contacts, 1))])
        return rows, {"kind": "contacts", "total": found.total, "contacts": [plain(c) for c in found.contacts]}

    @tool("get_contact", response_format="content_and_artifact")
    async def get_contact(contact: Ref, config: RunnableConfig) -> tuple[str, dict[str, Any]]:
        """All details of one contact. The user sees them; do not repeat them."""
        found = await details(portal, contact, ids=config["configurable"].get("ids", ()))
        lines = [f"{name}: {_line(value)}" for name, value in found.properties.items() if value]
        return "\n".join([f"id: {found.id}", *lines]), {"kind": "contact", "contact": plain(found)}

    @tool("create_contact", response_format="content_and_artifact")
    async def create_contact(properties: New, config: RunnableConfig) -> tuple[str, dict[str, Any]]:
        """Propose a new contact; the user approves it on a card. Checks what is missing and for duplicates."""
        source_of = config["configurable"]["source_of"]
        return _proposed(await propose_create(portal, properties.given(), source_of=source_of))

    @tool("update_contact", response_format="content_and_artifact")
    async def update_contact(contact: Ref, properties: New, config: RunnableConfig) -> tuple[str, dict[str, Any]]:
        """Propose new values for one contact; the user approves them on a card."""
        options = config["configurable"]
        change = await propose_update(
            portal,
            contact,
            properties.given(),
            source_of=options["source_of"],
            phone_settled=options.get("phone_settled"),
            ids=options.get("ids", ()),
        )
        return _proposed(change)

    @tool("undo_change", response_format="content_and_artifact")
    async def undo_change(
        config: RunnableConfig,
        change_id: Text = "",
        action: Literal["", "create", "update"] = "",
        contact: Text = "",
        field: Text = "",
    ) -> tuple[str, dict[str, Any]]:
        """Propose to take back the last change, or the last one that fits the arguments."""
        actor = config["configurable"]["by"]
        await settle_for(portal, actor.user)
        request = UndoRequest(change_id=change_id, action=action, contact=contact, field=field)
        return _proposed(await propose_undo(portal, request, actor))

    @tool("list_changes", response_format="content_and_artifact")
    async def list_changes(config: RunnableConfig, days: int = 1, until: int = 0) -> tuple[str, dict[str, Any]]:
        """What you changed for the user, in so many days until so many days ago. The user sees it; do not repeat it."""
        zone = await _zone(portal)
        today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        since = today - timedelta(days=min(max(days, 1), MOST_DAYS) - 1)
        ends = today + timedelta(days=1 - min(max(until, 0), MOST_DAYS))
        actor = config["configurable"]["by"]
        await settle_for(portal, actor.user)
        entries = await portal.ledger.applied_since(since, actor)
        entries = [e for e in entries if e.finished_at and e.finished_at < ends]
        told = [(change, e) for e in entries if (change := e.effect)]
        erased = sum(e.change is None for e in entries)
        changes = [await _done(change, e, zone, portal.ledger) for change, e in told[-MOST_CHANGES:]]
        rows = [f"{c['change_id']}|{c['action']}|{c['name'][:WIDTH]}" for c in changes]
        rows += [f"{erased} whose values were erased"] if erased else []
        theirs = [
            e for e in await portal.ledger.unsettled() if e.actor.user == actor.user and since <= e.claimed_at < ends
        ]
        unsure = [entry.change.display for entry in theirs if entry.change]
        artifact = {
            "kind": "changes", "changes": changes, "total": len(told), "dated": days > 1, "unsure": unsure,
            "today": today.date().isoformat(), "erased": erased,
        }  # fmt: skip
        return "\n".join(rows) or ("perhaps, not confirmed yet" if unsure else "none"), artifact

    for reader in (search_contacts, get_contact, list_changes):
        reader.tags = [READ]
    return [search_contacts, get_contact, create_contact, update_contact, undo_change, list_changes]


def row(contact: Contact, number: int) -> str:
    """A contact as one line for the model: number|id|name|email|phone|company|job title, without empty ends."""
    p = contact.properties
    values = (contact.name, p.get("email"), p.get("phone") or p.get("mobilephone"), p.get("company"), p.get("jobtitle"))
    cells = [_line((v or "").replace("|", "/")) for v in values]
    return "|".join([str(number), contact.id, *cells]).rstrip("|")


def _line(value: str) -> str:
    """A value on one line, so that it cannot pass for another one."""
    return " ".join(value.split())[:WIDTH]


def plain(contact: Contact) -> dict[str, Any]:
    """A contact as JSON: id, name, url, the summary's properties, and all that was read under ``properties``."""
    summary: Mapping[str, str | None] = {name: contact.properties.get(name) for name in SUMMARY}
    head = {"id": contact.id, "name": contact.name, "url": contact.url}
    return {**head, **summary, "properties": dict(contact.properties)}


async def _zone(portal: Portal) -> tzinfo | None:
    """The portal's time zone; this machine's where HubSpot does not tell."""
    with suppress(CrmError):
        return (await portal.schema()).zone
    return None


async def _done(change: Change, entry: LedgerEntry, zone: tzinfo | None, ledger: Ledger) -> dict[str, Any]:
    """A change that was written, as JSON: what HubSpot took of it, when (ISO 8601), and whether it was taken back."""
    assert entry.finished_at is not None
    made = entry.outcome.contact if entry.outcome else None
    undone = await ledger.undone(change.id)
    gone = change.archives or (undone and change.action == "create")
    return {
        "change_id": change.id,
        "action": change.action,
        "archives": change.archives,
        "undone": undone,
        "partly": undone and not await ledger.undone(change.id, wholly=True),
        "name": change.display,
        "url": "" if gone else change.url or (made.url if made else ""),
        "at": entry.finished_at.astimezone(zone).isoformat(timespec="minutes"),
        "rows": [row.model_dump() for row in change.rows],
    }


def _proposed(change: Change) -> tuple[str, dict[str, Any]]:
    return "Shown to the user for approval; nothing is written yet.", {
        "kind": "proposal",
        "change": change.model_dump(),
    }
