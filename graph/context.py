"""What every node is given: portal, models, tools and prompts; and the words in the language of a run."""

from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool

from crm import Portal
from crm.domain import CrmError
from graph.models import CALL_SECONDS, TURN_SECONDS
from graph.state import CardReader, Language, State
from graph.usage import Usage
from graph.words import Words
from prompts import Prompts


@dataclass(frozen=True)
class Context:
    """Given to every node when the graph is built. ``fallback`` answers when ``model`` cannot."""

    portal: Portal
    model: BaseChatModel
    fallback: BaseChatModel
    tools: dict[str, BaseTool]
    prompts: Prompts
    usage: Usage
    hidden: frozenset[str] = frozenset()  # the names of write tools that are not offered, as nothing may be written
    language: Language = "da"  # where a run names none
    changes_per_card: int = 20
    model_seconds: float = CALL_SECONDS
    turn_seconds: float = TURN_SECONDS
    follow: bool = True  # answer in the language that the user writes
    cards: CardReader = field(default_factory=CardReader)

    def language_of(self, state: State, config: RunnableConfig) -> Language:
        """The language of the conversation: that of its last message, else the run's, else the default."""
        if not self.follow:
            return self.language
        found: Any = state.get("language") or config.get("configurable", {}).get("language")
        return found if found in ("da", "en") else self.language

    def plain_words(self, state: State, config: RunnableConfig) -> Words:
        """The words for this run without the portal's labels, so HubSpot is not asked."""
        return Words(self.prompts, self.language_of(state, config))

    async def words(self, state: State, config: RunnableConfig) -> Words:
        """The words for this run, with the portal's labels where HubSpot answers."""
        try:
            schema = await self.portal.schema()
        except CrmError:
            schema = None
        return Words(self.prompts, self.language_of(state, config), schema)


def user_of(config: RunnableConfig) -> str:
    """The user of the run."""
    return str(config.get("configurable", {}).get("user") or "local")


def conversation_of(config: RunnableConfig) -> str:
    """The id of the conversation."""
    return str(config.get("configurable", {}).get("thread_id") or "")
