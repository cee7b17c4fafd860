"""Pasted texts in a conversation: one card with a contact for each person, whose values count as the user's own."""

from typing import Any

import pytest

from support.children import Sandbox
from support.talk import Talk

SIGNATURE = """opret hende her:

Mange tak for i går, det var en fornøjelse.

Med venlig hilsen

Karla Unik Dam
Indkøbschef

Strandmøllen A/S
Havnegade 7, 2. tv. | 8000 Aarhus C
Tlf. 86 17 44 90 | Mobil 26 71 90 34
karla@strandmoellen.example
CVR-nr. 31 48 22 07

Sendt fra min iPhone"""
TABLE = """opret disse:

Navn;E-mail;Mobil;Firma
Bo Unik Ek;bo@unik.example;26 71 90 11;Unik ApS
Ida Unik Holm;ida@unik.example;26 71 90 12;Unik ApS
"Lund, Per";per@unik.example;26 71 90 13;Unik ApS"""
VCARD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:S=C3=B8ndergaard;J=C3=B8rgen;;;
ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:R=C3=B8dk=C3=A6r Mejeri A/S
TEL;CELL;VOICE:+45 28 94 37 60
EMAIL;PREF;INTERNET:js@roedkaermejeri.example
END:VCARD"""


def values_of(change: dict[str, Any]) -> dict[str, str]:
    return {row["property"]: row["after"] for row in change["rows"]}


async def test_a_signature_is_one_card(talk: Talk, crm: Sandbox) -> None:
    """Every value of a signature stands under its field, as the user's own; greeting, CVR number and device do not."""
    await talk.say(SIGNATURE)
    assert talk.card is not None
    (change,) = talk.card["changes"]
    assert change["acknowledge"] == []
    assert values_of(change) == {
        "firstname": "Karla",
        "lastname": "Unik Dam",
        "jobtitle": "Indkøbschef",
        "company": "Strandmøllen A/S",
        "address": "Havnegade 7, 2. tv.",
        "zip": "8000",
        "city": "Aarhus C",
        "phone": "+4586174490",
        "mobilephone": "+4526719034",
        "email": "karla@strandmoellen.example",
    }
    told = [piece["text"] for piece in change["unused"]]
    assert told == ["Mange tak for i går, det var en fornøjelse.", "CVR-nr. 31 48 22 07"]
    assert crm.writes() == []


async def test_a_table_is_one_card_with_everybody(talk: Talk, crm: Sandbox) -> None:
    """A table of three people is one card with three contacts, which one yes creates."""
    await talk.say(TABLE)
    assert talk.card is not None
    names = [(values["firstname"], values["lastname"]) for values in map(values_of, talk.card["changes"])]
    assert names == [("Bo", "Unik Ek"), ("Ida", "Unik Holm"), ("Per", "Lund")]
    await talk.decide("approve")
    assert len(crm.writes()) == 3
    assert (crm.find("per@unik.example") or {})["properties"]["lastname"] == "Lund"


async def test_a_vcard_in_codes_counts_as_the_users_words(talk: Talk) -> None:
    """Values that a vCard writes in codes are decoded, and need no acknowledgement of their own."""
    await talk.say(VCARD)
    assert talk.card is not None
    (change,) = talk.card["changes"]
    assert change["acknowledge"] == []
    assert values_of(change) | {"lastname": "Søndergaard", "company": "Rødkær Mejeri A/S"} == values_of(change)
    assert {row["source"] for row in change["rows"]} == {"user"}


@pytest.mark.parametrize(
    "text", ["ret hendes oplysninger:\nTelefon: 86174490\nBy: Ribe", "hej\nhvordan går det?\nhilsen Bo"]
)
async def test_other_texts_of_several_lines_are_no_paste(talk: Talk, text: str) -> None:
    """An update in several lines, and small talk with a signature, create nobody."""
    await talk.say("find mette.hansen@nordlys.example")
    await talk.say(text)
    assert talk.card is None or talk.card["changes"][0]["action"] == "update"


async def test_a_row_that_is_left_out_is_named(talk: Talk) -> None:
    """A row with no name and no address makes no contact, and stands on the card as unused."""
    await talk.say(f"{TABLE}\n;;;Kiosken på Havnen")
    assert talk.card is not None
    assert len(talk.card["changes"]) == 3
    assert [piece["text"] for piece in talk.card["changes"][-1]["unused"]] == ["Kiosken på Havnen"]


async def test_a_contact_is_updated_from_a_signature(talk: Talk) -> None:
    """A signature below a request to update becomes one update of the contact with its address."""
    await talk.say("Opdater Mette Hansen ud fra hendes nye signatur:\n\n"
                   "Mvh\nMette Hansen\nØkonomidirektør\nTlf. 26 71 90 34\nmette.hansen@nordlys.example")  # fmt: skip
    assert talk.card is not None
    (change,) = talk.card["changes"]
    assert change["action"] == "update"
    assert values_of(change) == {"jobtitle": "Økonomidirektør", "phone": "+4526719034"}
    assert {row["source"] for row in change["rows"]} == {"user"}


async def test_a_number_with_the_code_of_its_country_is_the_users_own(talk: Talk) -> None:
    """A number without a code, from an address in another country, counts as said."""
    await talk.say("opret hende:\n\nAnn Unik Lee\nBuyer\nBath BA1 5LQ\nUnited Kingdom\n01225 496 083\nann@unik.example")
    assert talk.card is not None
    (change,) = talk.card["changes"]
    assert values_of(change)["phone"] == "+441225496083"
    assert change["acknowledge"] == []
