"""Tools that propose a change: a new contact, new values, or an undo. A person approves the proposal on a card."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm.changes import UndoRequest, propose_create, propose_undo, propose_update
from crm.domain import Change
from crm.write import settle_for
from tools.declare import ToolContext, ToolRuntime, write_tool
from tools.lookup import ContactRef
from tools.results import Proposal


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


Text = Annotated[str, Field(coerce_numbers_to_str=True)]
NewValues = Annotated[Properties, Field(description="Others by HubSpot name or label")]
ChangedValues = Annotated[Properties, Field(description='New values; "" clears one')]


@write_tool("create")
async def create_contact(properties: NewValues, runtime: ToolRuntime[ToolContext]) -> tuple[str, Proposal]:
    """Propose a new contact; the user approves it on a card. Checks what is missing and for duplicates."""
    context = runtime.context
    return _proposed(await propose_create(context.portal, properties.given(), source_of=context.source_of))


@write_tool("update")
async def update_contact(
    contact: ContactRef, properties: ChangedValues, runtime: ToolRuntime[ToolContext]
) -> tuple[str, Proposal]:
    """Propose new values for one contact; the user approves them on a card."""
    context = runtime.context
    change = await propose_update(
        context.portal,
        contact,
        properties.given(),
        source_of=context.source_of,
        phone_settled=context.phone_settled,
        ids=context.known_ids,
    )
    return _proposed(change)


@write_tool("undo")
async def undo_change(
    runtime: ToolRuntime[ToolContext],
    change_id: Text = "",
    action: Literal["", "create", "update"] = "",
    contact: Text = "",
    field: Text = "",
) -> tuple[str, Proposal]:
    """Propose to take back the last change, or the last one that fits the arguments."""
    context = runtime.context
    await settle_for(context.portal, context.actor.user)
    request = UndoRequest(change_id=change_id, action=action, contact=contact, field=field)
    return _proposed(await propose_undo(context.portal, request, context.actor))


def _proposed(change: Change) -> tuple[str, Proposal]:
    return "Shown to the user for approval; nothing is written yet.", Proposal(change=change)
