"""The details of a contact: every value that people give it, the portal's own properties and a birthday too."""

from typing import Any

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"


async def test_what_was_just_written_is_among_the_details(talk: Talk, crm: Sandbox) -> None:
    """A field beyond the usual ones is shown under its name in the user's language once it has a value."""
    await talk.say(f"ret fødselsdag på {METTE} til 3. maj 1980")
    await talk.decide("approve")
    shown = await talk.say(f"vis alt om {METTE}")
    assert "Fødselsdag" in shown or "Fødselsdato" in shown
    assert "1980" in shown


async def test_details_name_the_most_useful_first(talk: Talk, crm: Sandbox) -> None:
    """Name, address and number stand before what else is known, and nothing that HubSpot calculates is listed."""
    shown = (await talk.say(f"vis alt om {METTE}")).splitlines()
    labels = [line.removeprefix("- ").partition(":")[0] for line in shown if line.startswith("- ")]
    assert labels[:3] == ["Fornavn", "Efternavn", "E-mail"]
    assert not any(label.startswith(("hs_", "Create date", "Last modified", "Recent")) for label in labels)


async def test_a_language_model_reads_names_for_numbers(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """An owner stands in the tool's answer by name, not by an id that the model would repeat."""
    crm.set(str((crm.find(METTE) or {})["id"]), hubspot_owner_id="77040101")
    async with opener(openai_base_url=server.base_url) as graph:
        server.script = [calls(ToolCall("get_contact", {"contact": METTE})), says("Se ovenfor.")]
        await Talk(graph).say("hvem er Mette?")
    told = str(server.requests[-1].last["content"])
    assert "77040101" not in told
    assert "hubspot_owner_id: Sofie" in told
