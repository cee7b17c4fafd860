"""Tools that find contacts and show one of them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from crm.search import details, search
from tools.declare import ToolContext, ToolRuntime, read_tool
from tools.results import ContactRecord, ContactsFound, ContactShown, one_line, row

_FILTERS = 'property: value; also "!x", ">x", "x..y", "empty", "set", "last 30 days"; owner: "me"'
ContactRef = Annotated[str, Field(description="id, email or full name", coerce_numbers_to_str=True)]


@read_tool
async def search_contacts(
    runtime: ToolRuntime[ToolContext],
    query: Annotated[str, Field(description="email, phone, name, company")] = "",
    filters: Annotated[dict[str, str], BeforeValidator(lambda given: given or {}), Field(description=_FILTERS)] = {},  # noqa: B006  # never changed
    sort: Annotated[str, Field(description="property; -property: last first")] = "",
    page: int = 1,
) -> tuple[str, ContactsFound]:
    """Find or count contacts."""
    context = runtime.context
    found = await search(context.portal, query, filters, sort=sort, page=page, me=context.owner)
    rows = "\n".join([f"{found.total} found", *(row(c, n) for n, c in enumerate(found.contacts, found.start + 1))])
    return rows, ContactsFound.of(found)


@read_tool
async def get_contact(contact: ContactRef, runtime: ToolRuntime[ToolContext]) -> tuple[str, ContactShown]:
    """All details of one contact."""
    portal = runtime.context.portal
    found, schema = await details(portal, contact, ids=runtime.context.known_ids), await portal.schema()
    known = ((name, value, schema.get(name)) for name, value in found.properties.items() if value)
    # an owner by name, an option by its label: a model must not tell the user a number
    lines = [f"{name}: {one_line((prop.shown(value, 'en') if prop else value) or '')}" for name, value, prop in known]
    return "\n".join([f"id: {found.id}", *lines]), ContactShown(contact=ContactRecord.of(found))
