"""The state of a conversation, all of it plain JSON, and the models that nodes read parts of it as.

A node reads its part of the state as a model when it begins and writes the model's JSON when it ends, so that
checkpoints and LangGraph Studio hold plain JSON. The desk's model is ``graph.desk.Desk``.
"""

from collections import OrderedDict
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
    card: Json | None  # Card
    decisions: Json | None  # the valid answer to the card, on its way to ``apply``
    then: Json | None  # the button, or none for words, that waits while a write that was cut off is settled
    turn: Json  # TurnProgress; of the current turn only


_WORKING_MEMORY = ("desk", "card", "decisions", "then", "turn")


def of_this_version(state: State) -> bool:
    """Whether what the state remembers besides messages has the shape that this version of the assistant reads."""
    remembers = any(state.get(key) for key in _WORKING_MEMORY)
    return not remembers or state.get("version") == VERSION


class StateModel(BaseModel):
    """A part of the state, as a node reads it."""

    model_config = ConfigDict(frozen=True)

    def as_json(self) -> Json:
        """The part as the state keeps it."""
        return self.model_dump(mode="json")

    def but(self, **changes: Any) -> Self:
        """The same with other values, which are not validated."""
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
    """The proposals that wait for a person, and for whom.

    ``asks``: a question about something else was asked beside it, so a plain yes may be the answer to that.
    """

    version: int = VERSION
    id: str
    user: str
    changes: tuple[Change, ...]
    asks: bool = False


class CardReader:
    """Parses the card of a state once in a run, as all nodes of a run are handed the same object."""

    def __init__(self) -> None:
        # by identity; an object that is held here cannot share its id with another one
        self._parsed: OrderedDict[int, tuple[Json, Card | None]] = OrderedDict()

    def read(self, state: State) -> Card | None:
        """The card that waits; None where there is none, or one that this version of the assistant cannot read."""
        raw = state.get("card")
        if not raw:
            return None
        if id(raw) not in self._parsed:
            self._remember(raw, _parsed(raw))
        return self._parsed[id(raw)][1]

    def write(self, card: Card) -> Json:
        """The card as the state keeps it; whoever reads it in the same run is given this very card."""
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
