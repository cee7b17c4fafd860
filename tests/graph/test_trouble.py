"""Bad input and a CRM in trouble: a clear sentence with the next step, nothing lost, and the conversation goes on."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
FIND = f"find {METTE}"


async def test_a_very_long_message_is_refused_before_any_model(opener: Any) -> None:
    """100,000 characters are refused with a sentence, no model is called, and they do not stay in the state."""
    with FakeOpenAI([]) as server:
        async with opener(openai_base_url=server.base_url) as graph:
            talk = Talk(graph)
            reply = await talk.say("a" * 100_000)
            assert "100.000 tegn" in reply
            assert server.requests == []
            assert len(json.dumps(str(await talk.values()))) < 10_000


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_an_empty_message_gets_a_sentence(talk: Talk, text: str) -> None:
    """Nothing but white space is answered with what to write."""
    assert "ingen tekst" in await talk.say(text)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"status": 401}, "adgangsnøglen"),
        ({"status": 429}, "pause"),
        ({"status": 500}, "svarer ikke"),
        ({"status": 502, "html": True}, "svarer ikke"),
        ({"status": 200, "html": True}, "svarer ikke"),
        ({"status": 200, "body": {}}, "svarer ikke"),
        ({"drop": "before"}, "forbindelse"),
    ],
)
async def test_a_crm_in_trouble_is_told_and_recovered_from(
    talk: Talk, crm: Sandbox, fault: dict[str, Any], sentence: str
) -> None:
    """Each trouble of HubSpot's has its sentence in the chat, and the same question works when it is over."""
    await talk.say(FIND)
    crm.fail(match={"path_contains": "/objects/contacts"}, times=None, **fault)
    assert sentence in await talk.say(FIND)
    crm.control("DELETE", "faults")
    assert "1. **Mette Hansen**" in await talk.say(FIND)


async def test_a_missing_scope_is_named(talk: Talk, crm: Sandbox) -> None:
    """A token without the right to read contacts is answered with the name of the scope."""
    await talk.say(FIND)
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.write"]})
    assert "crm.objects.contacts.read" in await talk.say(FIND)


async def test_a_token_without_write_scope_writes_nothing_and_says_so(talk: Talk, crm: Sandbox) -> None:
    """An approved change that HubSpot forbids is told with the missing scope."""
    await talk.say(f"ret stilling på {METTE} til CFO")
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read"]})
    assert "crm.objects.contacts.write" in await talk.say("ja")
    assert crm.writes() == []


async def test_a_wrong_token_is_a_sentence(opener: Any) -> None:
    """A token that HubSpot refuses names the setting to check, and never the token."""
    async with opener(hubspot_access_token=SecretStr("pat-eu1-wrong")) as graph:
        reply = await Talk(graph).say(FIND)
    assert "HUBSPOT_ACCESS_TOKEN" in reply
    assert "pat-eu1-wrong" not in reply


async def test_both_down_is_a_sentence(opener: Any) -> None:
    """With neither a model nor HubSpot the greeting comes, and a question is answered with what is wrong."""
    nowhere = "http://127.0.0.1:9"
    async with opener(hubspot_api_url=nowhere, openai_base_url=nowhere) as graph:
        talk = Talk(graph)
        assert (await talk.open()).startswith("Hej")
        reply = await talk.say(FIND)
    assert "Sprogmodellen svarer ikke" in reply
    assert "forbindelse til HubSpot" in reply


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"ret skostørrelse på {METTE} til 42", "kender ikke feltet"),
        (f"ret {METTE} til mette@nordlys", "ikke en gyldig e-mail"),
        (f"ret telefon på {METTE} til 123", "ikke et gyldigt telefonnummer"),
        (f"ret livscyklusfase på {METTE} til Superhelt", "Vælg en af disse"),
        (f"ret oprettelsesdato på {METTE} til 2020-01-01", "kan ikke ændres"),
        (f"ret stilling på {METTE} til Salgschef", "intet at ændre"),
        ("ret stilling på ingen.her@nordlys.example til CFO", "fandt ingen kontakt"),
    ],
)
async def test_a_wrong_value_becomes_a_question(talk: Talk, crm: Sandbox, text: str, sentence: str) -> None:
    """What cannot be written is answered with the reason and the next step, and no card comes."""
    assert sentence in await talk.say(text)
    assert (talk.card, crm.writes()) == (None, [])


async def test_read_only_proposes_nothing(opener: Any, crm: Sandbox) -> None:
    """With ASSISTANT_READ_ONLY searching works, and a write is refused with a sentence."""
    async with opener(read_only=True) as graph:
        talk = Talk(graph)
        assert "1. **Mette Hansen**" in await talk.say(FIND)
        assert await talk.say(f"ret stilling på {METTE} til CFO")
        assert (talk.card, crm.writes()) == (None, [])


async def test_markup_in_a_contact_is_shown_literally(talk: Talk, crm: Sandbox) -> None:
    """Markdown and HTML in a record reach the reply escaped: no image, no link, no heading."""
    crm.create(email="ond@nordlys.example", firstname="![x](http://evil.example/p.png)", lastname="<img src=x>")
    reply = await talk.say("find ond@nordlys.example")
    assert "**`![x](http://evil.example/p.png)` \\<img src=x\\>**" in reply


@pytest.mark.parametrize("text", ["", "a" * 8_001])
async def test_a_refused_message_leaves_the_card_answerable(talk: Talk, crm: Sandbox, text: str) -> None:
    """An empty or too long message while a card waits is refused, and the same card still waits."""
    await talk.say(f"ret stilling på {METTE} til CFO")
    card = talk.card
    assert await talk.say(text)
    assert talk.card == card
    assert "opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1
