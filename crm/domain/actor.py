"""On whose behalf something is done."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The user, the conversation and the approval card."""

    user: str
    conversation: str
    card_id: str = ""
