"""Whose contacts "mine" are: by configuration, or asked once in a conversation."""

from support.openai_wire import ToolCall, calls, says
from support.talk import Talk


async def test_the_user_is_asked_once(talk: Talk) -> None:
    """The first search for one's own contacts asks who one is; the answer goes on with it and is remembered."""
    asked = await talk.say("mine kunder")
    assert "Hvem er du blandt ejerne" in asked
    shown = await talk.say("jeg er Sofie Lind")
    assert "Ejer: Sofie Lind" in shown
    assert "Livscyklusfase: Kunde" in shown
    again = await talk.say("mine leads")
    assert "Ejer: Sofie Lind" in again
    assert "Livscyklusfase: Lead" in again


async def test_another_conversation_knows_nothing_of_it(opener) -> None:
    """The owner that a user named is remembered in that conversation only."""
    async with opener() as graph:
        first, second = Talk(graph, "a"), Talk(graph, "b")
        await first.say("mine kontakter")
        await first.say("Sofie Lind")
        assert "Hvem er du" in await second.say("mine kontakter")


async def test_a_name_that_is_no_owner_is_refused(talk: Talk) -> None:
    """A name that no owner has is answered with the owners' names, and nothing is remembered."""
    await talk.say("mine kontakter")
    assert "Sofie Lind" in await talk.say("Mads Ingen")
    assert "Hvem er du" in await talk.say("mine kontakter")


async def test_the_configured_owner(opener) -> None:
    """With ASSISTANT_OWNER set, the user is not asked."""
    async with opener(owner="sofie.lind@nordlys.example") as graph:
        shown = await Talk(graph).say("mine kontakter")
    assert "Ejer: Sofie Lind" in shown


async def test_a_model_may_ask_for_mine(opener, server) -> None:
    """A language model's "me" asks the user, and the search for the name that the user gives is remembered."""
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        server.play(
            [calls(ToolCall("search_contacts", {"filters": {"owner": "me"}})), says("Hvem er du blandt ejerne?")]
        )
        await talk.say("mine kontakter, tak")
        server.play([calls(ToolCall("search_contacts", {"filters": {"owner": "Sofie Lind"}})), says("Her er de.")])
        assert "Ejer: Sofie Lind" in await talk.say("Sofie Lind")
        server.play([calls(ToolCall("search_contacts", {"filters": {"owner": "me"}})), says("Her er de.")])
        assert "Ejer: Sofie Lind" in await talk.say("vis mine igen")


async def test_another_user_of_the_conversation_is_asked_anew(opener) -> None:
    """The owner that one user named is not used for another user of the conversation."""
    async with opener() as graph:
        first = Talk(graph, user="a")
        await first.say("mine kontakter")
        await first.say("Sofie Lind")
        assert "Hvem er du" in await Talk(graph, user="b").say("mine kontakter")


async def test_only_the_answer_tells_who_the_user_is(talk: Talk) -> None:
    """Another search while the question is open, also one by owner, does not say who the user is."""
    await talk.say("mine kontakter")
    await talk.say("hvor mange kunder ejer Jonas Aagaard?")
    assert "Hvem er du" in await talk.say("mine kontakter")
    await talk.say("kontakter uden ejer")
    assert "Hvem er du" in await talk.say("mine kontakter")


async def test_a_list_is_narrowed_down(talk: Talk) -> None:
    """ "kun dem uden telefon" keeps the conditions of the list; after an empty result there is none."""
    await talk.say("antal kunder uden telefon")
    wanted = (await talk.values())["desk"]["search"]["total"]
    await talk.say("kunder")
    await talk.say("kun dem uden telefon")
    assert (await talk.values())["desk"]["search"]["total"] == wanted
    await talk.say("find Xyzzy Qwerty")
    assert not (await talk.values())["desk"]["search"]
