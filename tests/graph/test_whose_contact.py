"""A change is written to the contact that its card shows, and to no other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph import open_assistant
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox, running_sandbox
from support.talk import Talk

UPDATE = "ret stillingen for anna@firma.example til Direktør"


@pytest.fixture
def old_portal(tmp_path: Path) -> Iterator[Sandbox]:
    """An account so old that its ids have eight digits, like a Danish phone number."""
    file = tmp_path / "sandbox.db"
    options = ("--db", str(file), "--seed", "none")
    with running_sandbox(*options):
        pass
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("insert or replace into meta values ('last_id', '22334400')")
    with running_sandbox(*options) as running:
        yield running


def settings(crm: Sandbox, folder: Path) -> Settings:
    return Settings(
        _env_file=None, hubspot_access_token=SANDBOX_TOKEN, hubspot_api_url=crm.url, database_url=f"sqlite:///{folder}"
    )


async def test_an_edit_stays_with_its_contact(old_portal: Sandbox, tmp_path: Path) -> None:
    """Where another contact has the id on the card as its phone number, an edit still writes to the one shown."""
    anna = old_portal.create(firstname="Anna", lastname="Offer", email="anna@firma.example")
    other = old_portal.create(firstname="Mallory", email="m@firma.example", phone=f"+45{anna}")
    async with open_assistant(settings(old_portal, tmp_path / "var")) as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.decide("edit", values={"jobtitle": "Chef"})
    assert old_portal.get(anna, "jobtitle")["jobtitle"] == "Chef"
    assert not old_portal.get(other, "jobtitle")["jobtitle"]


@pytest.mark.parametrize("words", ["ret hendes stilling til Chef", "ret stillingen på nummer 1 til Chef"])
async def test_a_contact_that_was_shown_is_meant_by_its_id(old_portal: Sandbox, tmp_path: Path, words: str) -> None:
    """Where another contact has the id of the one that was shown as its phone number, words about her mean her."""
    anna = old_portal.create(firstname="Anna", lastname="Offer", email="anna@firma.example")
    old_portal.create(firstname="Mallory", email="m@firma.example", phone=f"+45{anna}")
    async with open_assistant(settings(old_portal, tmp_path / "var")) as graph:
        talk = Talk(graph)
        assert "Anna Offer" in await talk.say("find Anna Offer")
        await talk.say(words)
        assert talk.card is not None, talk.replies
        assert [change["contact_id"] for change in talk.card["changes"]] == [anna]


async def test_a_number_that_was_not_shown_is_a_number(old_portal: Sandbox, tmp_path: Path) -> None:
    """Eight digits that somebody writes are a phone number, though another contact has them as its id."""
    anna = old_portal.create(firstname="Anna", lastname="Offer", email="anna@firma.example")
    other = old_portal.create(firstname="Mallory", email="m@firma.example", phone=f"+45{anna}")
    async with open_assistant(settings(old_portal, tmp_path / "var")) as graph:
        talk = Talk(graph)
        await talk.say(f"ret stillingen på {anna} til Chef")
        assert talk.card is not None, talk.replies
        assert [change["contact_id"] for change in talk.card["changes"]] == [other]


@pytest.mark.parametrize("how", ["approve", "edit"])
async def test_a_merge_brings_a_fresh_card(crm: Sandbox, tmp_path: Path, how: str) -> None:
    """Where the contact was merged into another between card and click, nothing is written and the other is shown."""
    anna = crm.create(firstname="Anna", email="anna@firma.example")
    other = crm.create(firstname="Mallory", email="m@firma.example")
    async with open_assistant(settings(crm, tmp_path)) as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        crm.http.post(
            "/crm/v3/objects/contacts/merge", json={"primaryObjectId": other, "objectIdToMerge": anna}
        ).raise_for_status()
        crm.control("DELETE", "writes")
        await talk.decide(how, **({"values": {"jobtitle": "Chef"}} if how == "edit" else {}))
        assert crm.writes() == []
        assert talk.card is not None
        assert talk.card["changes"][0]["contact_id"] not in (anna, None)
