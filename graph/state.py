"""The state of a conversation as plain JSON, and the models by which nodes read parts of it.

A node reads its part as a model when it begins, and writes the model's JSON when it ends, so that checkpoints and
LangGraph Studio hold plain JSON. The model of the desk is ``graph.desk.Desk``.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.channels import EphemeralValue
from langgraph.graph.message import add_messages
from pydantic import BaseModel, ConfigDict, ValidationError

from crm.domain import Change

VERSION = 1  # of the shape of state and card; what has another number is withdrawn
PARSED_CARDS = 32  # that a process holds
Language = Literal["da", "en"]
Json = dict[str, Any]


class Input(TypedDict, total=False):
    """What a run may be given: words, or a button's choice with its ids, which last one step."""

    messages: Annotated[list[AnyMessage], add_messages]
    choice: Annotated[str | None, EphemeralValue(str)]
    contact_id: Annotated[str | None, EphemeralValue(str)]
    change_id: Annotated[str | None, EphemeralValue(str)]


class State(Input, total=False):
    """All that is remembered of a conversation."""

    version: int
    language: Language
    desk: Json  # graph.desk.Desk
    owner: dict[str, str]  # user -> the id of HubSpot's owner that the user is, as they said
    card: Json | None  # Card
    decisions: Json | None  # the valid answer to the card, on its way to ``apply``
    then: Json | None  # the button, or none for words, that waits while a write that was cut off is settled
    turn: Json  # TurnProgress; of the current turn only


_WORKING_MEMORY = ("desk", "card", "decisions", "then", "turn")


def of_this_version(state: State) -> bool:
    """Whether the remembered state, apart from messages, has the shape of this version of the assistant."""
    remembers = any(state.get(key) for key in _WORKING_MEMORY)
    return not remembers or state.get("version") == VERSION


class StateModel(BaseModel):
    """A part of the state, as a node reads it."""

    model_config = ConfigDict(frozen=True)

    def as_json(self) -> Json:
        """The part as the state stores it."""
        return self.model_dump(mode="json")

    def but(self, **changes: Any) -> Self:
        """A copy with other values, which are not validated."""
        return self.model_copy(update=changes)


class TurnProgress(StateModel):
    """How far the current turn has come.

    ``started``: epoch seconds. ``models`` and ``tools``: calls so far. ``listing``: what code shows above the reply.
    ``fallback``: the key of the sentence that says why the guided model answers instead.
    """

    started: float | None = None
    models: int = 0
    tools: int = 0
    listing: str = ""
    fallback: str = ""

    @classmethod
    def of(cls, state: State) -> Self:
        """The progress of the turn that a state stands in."""
        return cls.model_validate(state.get("turn") or {})


class Card(StateModel):
    """The proposals that wait for a person, and whom they are for.

    ``asks``: a question about something else was asked beside the card, so a plain yes may be the answer to that.
    ``unused``: the pieces of a pasted text that belong to no field of a new contact, by the id of its change.
    """

    version: int = VERSION
    id: str
    user: str
    changes: tuple[Change, ...]
    asks: bool = False
    unused: Mapping[str, tuple[str, ...]] = {}


class CardReader:
    """Parses the card of a state once in a run, because all nodes of a run are handed the same object."""

    def __init__(self) -> None:
        # by identity; an object that is held here cannot share its id with another one
        self._parsed: OrderedDict[int, tuple[Json, Card | None]] = OrderedDict()

    def read(self, state: State) -> Card | None:
        """The waiting card; None where there is none, or where this version of the assistant cannot read it."""
        raw = state.get("card")
        if not raw:
            return None
        if id(raw) not in self._parsed:
            self._remember(raw, _parsed(raw))
        return self._parsed[id(raw)][1]

    def write(self, card: Card) -> Json:
        """The card as the state stores it. A later ``read`` in the same run returns this very card."""
        raw = card.as_json()
        self._remember(raw, card)
        return raw

    def _remember(self, raw: Json, card: Card | None) -> None:
        self._parsed[id(raw)] = raw, card
        if len(self._parsed) > PARSED_CARDS:
            self._parsed.popitem(last=False)


def _parsed(raw: Json) -> Card | None:
    try:
        return Card.model_validate(raw) if raw.get("version") == VERSION else None
    except ValidationError:
        return None
