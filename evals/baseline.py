"""The baseline: a plain agent with three tools, as most people would write it. It writes at once, and asks nobody."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hubspot import HubSpot
from hubspot.crm.contacts import (
    ApiException,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.memory import InMemorySaver

from evals.chats import Chat
from evals.meter import Meter
from evals.runner import Opener
from evals.tasks import Task
from support.children import SANDBOX_TOKEN
from support.licences import Licence

PROMPT = (
    "You help people with the contacts of their HubSpot CRM. Use the tools to search, create and update contacts. "
    "Ask when something is missing or unclear. Answer briefly, in the user's language."
)
SHOWN = ["firstname", "lastname", "email", "phone", "mobilephone", "company", "jobtitle", "city", "lifecyclestage"]
FOUND = 10
BUTTONS = {
    "da": {"search": "Søg efter kontakt", "create": "Opret ny kontakt", "update": "Opdater kontakt"},
    "en": {"search": "Search for a contact", "create": "Create a new contact", "update": "Update a contact"},
}
ANSWERS = {"da": ("ja", "nej"), "en": ("yes", "no")}


def plain_tools(client: HubSpot) -> list[BaseTool]:
    """The three tools over the official client."""

    @tool
    def search_contacts(query: str) -> str:
        """Search contacts by name, email, phone or company."""
        request = PublicObjectSearchRequest(query=query, properties=SHOWN, limit=FOUND)
        found = client.crm.contacts.search_api.do_search(public_object_search_request=request)
        return json.dumps([_row(contact) for contact in found.results], ensure_ascii=False)

    @tool
    def create_contact(properties: dict[str, str]) -> str:
        """Create a contact. Properties by HubSpot's internal names: email, firstname, lastname, phone, company, ..."""
        body = SimplePublicObjectInputForCreate(properties=properties, associations=[])
        try:
            made = client.crm.contacts.basic_api.create(simple_public_object_input_for_create=body)
        except ApiException as error:
            return f"HubSpot refused it: {error.body}"
        return f"Created contact {made.id}."

    @tool
    def update_contact(contact_id: str, properties: dict[str, str]) -> str:
        """Update properties of a contact by its id."""
        body = SimplePublicObjectInput(properties=properties)
        try:
            client.crm.contacts.basic_api.update(contact_id, simple_public_object_input=body)
        except ApiException as error:
            return f"HubSpot refused it: {error.body}"
        return f"Updated contact {contact_id}."

    return [search_contacts, create_contact, update_contact]


def _row(contact: Any) -> dict[str, str]:
    return {"id": contact.id, **{name: value for name, value in contact.properties.items() if value}}


class PlainChat:
    """One conversation with the plain agent. It has no card: a decision is a yes or no where it asks something.

    It has no buttons either, so their words are said.
    """

    def __init__(self, agent: Any, language: str) -> None:
        self.meter = Meter()
        self.approved: list[Licence] = []
        self._agent, self._language = agent, language
        self._config: RunnableConfig = {"configurable": {"thread_id": "eval"}, "callbacks": [self.meter]}
        self._asked = False
        self._known = 0

    @property
    def waits(self) -> bool:
        """Whether the last reply asks something."""
        return self._asked

    async def open(self) -> str:
        """It says nothing by itself."""
        return ""

    async def say(self, text: str) -> str:
        """Say something."""
        out = await self._agent.ainvoke({"messages": [{"role": "user", "content": text}]}, self._config)
        new = out["messages"][self._known :]
        self._known = len(out["messages"])
        reply = "\n".join(str(m.text) for m in new if m.type == "ai" and m.text)
        self._asked = "?" in reply
        return reply

    async def press(self, button: str) -> str:
        """Say the words of a button, or a number."""
        return await self.say(BUTTONS[self._language].get(button, button))

    async def decide(self, decision: str) -> str:
        """Answer its question with yes or no."""
        yes, no = ANSWERS[self._language]
        return await self.say(no if decision == "reject" else yes)


def baseline_over(url: str, model: BaseChatModel) -> Opener:
    """Opens a plain agent for a task, over the CRM at ``url``."""

    @asynccontextmanager
    async def opened(task: Task) -> AsyncIterator[Chat]:
        tools = plain_tools(HubSpot(access_token=SANDBOX_TOKEN, host=url))
        agent = create_agent(model, tools=tools, system_prompt=PROMPT, checkpointer=InMemorySaver())
        yield PlainChat(agent, task.language)

    return opened
