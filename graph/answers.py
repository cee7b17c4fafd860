"""The answer to an approval card, checked against that very card before it is accepted."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from langchain_core.messages import HumanMessage
from pydantic import BaseModel, ConfigDict, create_model, model_validator

from crm.domain import DESPITE_TWINS, Change, PossibleDuplicate
from graph import sanitise
from graph.state import Card
from guided import chooses_existing, plain_answer
from prompts import LANGUAGES, Prompts

# keys of a message's additional_kwargs: who wrote it, and the card that stood in the window where it was written
USER, SHOWN_CARD = "user", "card"


class Decision(BaseModel):
    """What a person decided about one change."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "edit", "reject", "use_existing"]
    acknowledge: list[str] = []
    values: dict[str, str] = {}
    contact_id: str | None = None


class CardAnswer(BaseModel):
    """Either decisions on every change of the card, or the words that the user wrote instead."""

    model_config = ConfigDict(extra="forbid")
    changes: ClassVar[Mapping[str, Change]] = {}

    approval_id: str | None = None
    decisions: dict[str, Decision] | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.text is not None:
            if self.decisions is not None or self.approval_id is not None:
                raise ValueError("an answer has either text or decisions")
            return self
        if self.approval_id is None or self.decisions is None or self.decisions.keys() != self.changes.keys():
            raise ValueError("every change of the card needs one decision")
        for change_id, decision in self.decisions.items():
            _check(self.changes[change_id], decision)
        return self


def _check(change: Change, given: Decision) -> None:
    if given.decision == "approve" and set(given.acknowledge) != set(change.acknowledge):
        raise ValueError("what the change lists must be acknowledged, and nothing else")
    if bool(given.values) != (given.decision == "edit"):
        raise ValueError("an edit needs values, and nothing else has any")
    if given.decision == "edit" and change.action == "undo":
        raise ValueError("an undo is approved or rejected as it stands")
    if given.contact_id is not None and given.decision != "use_existing":
        raise ValueError("only use_existing names a contact")
    if given.decision == "use_existing" and given.contact_id not in {t.contact_id for t in change.twins}:
        raise ValueError("use_existing needs one of the card's twins")


def answer_model(card: Card) -> type[CardAnswer]:
    """A model that only an answer to this card satisfies; the card's id is a literal of it."""
    # a static model would accept the id of any card, and langgraph saves whatever the model accepts
    literal: Any = Literal[card.id]
    made = create_model("CardAnswer", __base__=CardAnswer, approval_id=(literal | None, None))
    made.changes = {c.id: c for c in card.changes}
    return made


def received(message: HumanMessage, user: str) -> tuple[HumanMessage, str | None]:
    """Split what a person sent into the message, in a storable form, and the id of the card that their window showed.

    The id is "" for no card and None where it is unknown. It counts once, so it is removed from the message. The
    message carries the user's name, as several users may share a conversation.
    """
    beside = {**message.additional_kwargs, USER: user}
    shown = beside.pop(SHOWN_CARD, None)
    return sanitise.storable(message).model_copy(update={"additional_kwargs": beside}), shown


def doubt(card: Card, shown: str | None, decisions: Mapping[str, Any]) -> str | None:
    """The sentence that says why plain words are not taken as these decisions; None where they are.

    ``shown``: the card that the window showed when the words were written, as in ``received``.
    """
    if shown not in (None, card.id):
        return "card-not-shown"
    approved = any(given["decision"] == "approve" for given in decisions.values())
    return "card-asks" if approved and card.asks else None


def decisions_in_words(text: str, changes: Sequence[Change], prompts: Prompts) -> dict[str, Any] | None:
    """The decisions on a whole card for which the words stand: a plain yes or no, or the label of a button of the card.

    None for any other words. A label names what is to be acknowledged; where it names too little, as a plain yes does,
    the decision is ``acknowledge``.
    """
    decided = plain_decisions(text, changes)
    return _by_label(text, changes, prompts) if decided is None else decided


def _by_label(text: str, changes: Sequence[Change], prompts: Prompts) -> dict[str, Any] | None:
    said, twins = bare(text), changes[0].twins if len(changes) == 1 else ()
    existing = chooses_existing(text)
    chosen = [
        twin.contact_id
        for twin in twins
        if existing or said in {label for name in _names(twin) for label in _labels(prompts, "ui-use", name=name)}
    ]
    if len(chosen) == 1:
        return {changes[0].id: Decision(decision="use_existing", contact_id=chosen[0]).model_dump()}
    despite = said in {*_labels(prompts, "ui-create-anyway"), *_labels(prompts, "ui-approve-twins")}
    if not despite and not chosen:
        return None
    enough = despite and all(set(change.acknowledge) <= {DESPITE_TWINS} for change in changes)
    decision: Any = "approve" if enough else "acknowledge"
    return {c.id: {"decision": decision, "acknowledge": list(c.acknowledge)} for c in changes}


def _names(twin: PossibleDuplicate) -> tuple[str, str]:
    """The names by which the buttons call a contact: its own alone, or with what tells it apart."""
    return twin.display.split(" · ")[0], twin.display


def _labels(prompts: Prompts, key: str, **values: str) -> set[str]:
    """A button's label in each language, to be compared."""
    return {bare(prompts.say(language, key, **values)) for language in LANGUAGES}


def bare(text: str) -> str:
    """Words without case, and without signs around them."""
    return text.strip(' .!»«"').casefold()


def plain_decisions(text: str, changes: Sequence[Change]) -> dict[str, Any] | None:
    """The decisions on a whole card that a plain yes or no stands for; None for any other words.

    Where a change needs more than a yes, its decision is ``acknowledge``: nothing is decided, and the user is told why.
    """
    plain = plain_answer(text, {change.action for change in changes})
    if plain is None:
        return None
    if plain == "no":
        return {c.id: {"decision": "reject"} for c in changes}
    decision = "acknowledge" if any(c.acknowledge for c in changes) else "approve"
    return {c.id: {"decision": decision} for c in changes}
