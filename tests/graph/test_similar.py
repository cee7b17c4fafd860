"""A misspelt name in a conversation: offered, never taken."""

from support.children import Sandbox
from support.talk import Talk


async def test_a_misspelt_name_is_offered_and_a_number_takes_it(talk: Talk, crm: Sandbox) -> None:
    """An update of a misspelt name shows the one contact that is called nearly so, and its number carries it on."""
    reply = await talk.say("Opdater Pietre van der Berg, stilling: CFO")
    assert "Mener du en af disse" in reply
    assert "1. **Pieter van der Berg**" in reply
    assert talk.card is None
    await talk.say("nummer 1")
    assert talk.rows == {"jobtitle": (None, "CFO")}
    assert crm.writes() == []


async def test_a_misspelt_search_lists_who_is_meant(talk: Talk) -> None:
    """A search for a misspelt name lists the contacts that are called nearly so."""
    reply = await talk.say("find Mete Hansn")
    assert "1. **Mette Hansen**" in reply
