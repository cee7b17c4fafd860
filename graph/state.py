"""The state of a conversation: messages, the desk, the card that waits. All of it plain JSON."""

from typing import Annotated, Any, Literal, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.channels import EphemeralValue
from langgraph.graph.message import add_messages

Language = Literal["da", "en"]
Choice = Literal["search", "create", "update", "select", "undo"]


class Desk(TypedDict, total=False):
    """The structured working memory beside the messages."""

    intent: Literal["search", "create", "update"] | None
    shown: list[dict[str, Any]]  # the contacts last shown: n, id, name, email, phone, company
    focus: dict[str, str] | None  # the contact being talked about: id, name
    draft: dict[str, Any] | None  # what was collected but not done: action, contact_id, contact, values, awaiting
    question: dict[str, Any] | None  # the last question that code asked: code, params


class Card(TypedDict):
    """The proposals that wait for a person: ``crm.domain.change.Change`` as JSON, and for whom."""

    id: str
    user: str
    changes: list[dict[str, Any]]
    asks: bool  # a question about something else was asked beside it: a plain yes may be the answer to that


class Input(TypedDict, total=False):
    """What a run may be given: words, or a button's choice with its ids, which last one step."""

    messages: Annotated[list[AnyMessage], add_messages]
    choice: Annotated[str | None, EphemeralValue(str)]
    contact_id: Annotated[str | None, EphemeralValue(str)]
    change_id: Annotated[str | None, EphemeralValue(str)]


class State(Input, total=False):
    """All that is remembered of a conversation."""

    language: Language
    desk: Desk
    card: Card | None
    decisions: dict[str, Any] | None  # the valid answer to the card, on its way to ``apply``
    then: dict[str, Any] | None  # the button, or none for words, that waits while a write that was cut off is settled
    turn: dict[str, Any]  # of the current turn only: started (epoch s), model and tool calls, fallback
