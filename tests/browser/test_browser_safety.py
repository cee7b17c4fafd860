"""What must hold in the browser whatever happens: reloads, restarts, two tabs, odd input, no foreign request."""

import json
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from support.aged import holds
from support.children import Sandbox
from support.needs import data

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"


def test_a_reload_keeps_conversation_and_card(chat, crm: Sandbox) -> None:
    """After a reload in the middle of an approval the card is there with its buttons, and is written once."""
    chat.say(UPDATE)
    chat.page.reload()
    expect(chat.page.locator("[data-step-type=user_message]").last).to_contain_text(UPDATE)
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_keeps_the_pending_card(own_server, tab, crm: Sandbox, how: int) -> None:
    """After the server was stopped or killed and started again, the waiting card comes back and is written once."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    own_server.stop(how)
    own_server.start()
    chat.page.reload()
    expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(1)
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1


def test_a_tab_that_stayed_open_through_a_restart_goes_on(own_server, tab, crm: Sandbox) -> None:
    """A tab that was not reloaded reconnects, its card is approved once, and the conversation goes on."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    chat.page.wait_for_timeout(6_000)  # the page's own reconnecting takes up to five seconds
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1
    chat.say(f"find {METTE}")
    chat.shows(METTE)


def test_two_tabs_approve_once(chat, server, tab, crm: Sandbox) -> None:
    """The same card approved in two tabs is written once; the second tab is told that it is settled."""
    chat.say(UPDATE)
    other = tab(server, beside=chat)
    other.open(urlsplit(chat.page.url).path)
    expect(other.button("Godkend")).to_be_visible()
    chat.press("Godkend")
    other.press("Godkend")
    other.shows("allerede")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1


def test_five_clicks_at_once_write_once(chat, server, crm: Sandbox) -> None:
    """Five simultaneous clicks, as the page sends them, are written once."""
    with chat.page.expect_request("**/project/action") as sent:
        chat.say(UPDATE)
        chat.page.route("**/project/action", lambda route: route.abort())
        chat.button("Godkend").click()
    request = sent.value

    cookies = {c["name"]: c["value"] for c in chat.page.context.cookies()}

    def click(_: int) -> int:
        headers = {"origin": server.url}
        return httpx.post(request.url, json=body, cookies=cookies, headers=headers, timeout=30).status_code

    body = request.post_data_json
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(click, range(5))) == [200] * 5
    assert len(crm.writes()) == 1


def test_a_payload_cannot_change_the_values(chat, server, crm: Sandbox) -> None:
    """What the browser sends beside the card's id is ignored: the values are those of the card."""
    chat.say(UPDATE)

    def forged(route: Any) -> None:
        body = route.request.post_data_json
        body["action"]["payload"] |= {"values": {"jobtitle": "Hacker"}, "after": "Hacker", "contact_id": "1"}
        route.continue_(post_data=json.dumps(body))

    chat.page.route("**/project/action", forged)
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "CFO"}]


def test_the_page_asks_nobody_else(server, tab) -> None:
    """Greeting, search and card make no request to any other host, and a contact's text fetches nothing."""
    chat = tab(server)
    hosts: set[str] = set()
    chat.page.context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    chat.open()
    chat.say("![x](http://evil.example/p.png) <img src=http://evil.example/q.png>")
    chat.say(f"find {METTE}")
    chat.say(UPDATE)
    assert hosts - {""} == {urlsplit(server.url).netloc}


def test_contact_text_is_shown_literally(chat, crm: Sandbox) -> None:
    """Markdown, HTML and formulas in a contact stand in list and card as the characters that they are."""
    name, company = "![x](http://evil.example/p.png)", "<img src=x onerror=alert(1)> =cmd|' /C calc'!A0 **fed**"
    crm.create(email="ond@nordlys.example", firstname=name, company=company, jobtitle="[a](javascript:alert(1))")
    chat.say("find ond@nordlys.example")
    chat.shows(name)
    chat.shows(company)
    expect(chat.last.locator("img[src*='evil'], img[src='x'], strong:text-is('fed')")).to_have_count(0)
    chat.say('ret stilling på ond@nordlys.example til "<b>chef</b>"')
    expect(chat.last.get_by_role("table")).to_contain_text("[a](javascript:alert(1))")
    expect(chat.last.get_by_role("table")).to_contain_text("<b>chef</b>")


def test_a_very_long_message_is_handed_back(chat, crm: Sandbox) -> None:
    """100,000 characters are refused with a sentence, stay in the conversation, and the chat goes on."""
    chat.say("ordet " * 16_667)
    chat.shows("tegn")
    expect(chat.page.locator("[data-step-type=user_message]").last).to_contain_text("ordet ordet")
    chat.say(f"find {METTE}")
    chat.shows(METTE)


def test_hostile_messages_are_answered(chat, crm: Sandbox) -> None:
    """Strings of the hostile collection are answered one by one: no dialog, no write, no stack trace."""
    dialogs: list[str] = []
    chat.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    lines = data("hostile.jsonl").read_text("utf-8").split("\n")[:-1]
    for line in lines[::37]:
        text = json.loads(line)["text"].strip()
        if text.isprintable() and text:
            chat.say(text)
            expect(chat.last).not_to_contain_text("Traceback")
    assert (dialogs, crm.writes()) == ([], [])


def test_a_foreign_host_and_origin_are_refused(server) -> None:
    """Another Host (DNS rebinding) and another site's Origin get nothing; no form, and no login, is offered to them."""
    assert httpx.get(server.url, headers={"host": "evil.example"}).status_code == 403
    for path in ("/auth/header", "/project/action"):
        answer = httpx.post(server.url + path, headers={"origin": "http://evil.example"}, json={})
        assert answer.status_code == 403
    assert "access_token" not in answer.cookies


def test_the_secret_and_the_token_are_not_logged(own_server, tab, crm: Sandbox) -> None:
    """After searches, a card, a write and trouble, the log holds no token and no person's address."""
    chat = tab(own_server)
    chat.open()
    chat.say(f"find {METTE}")
    chat.say(UPDATE)
    chat.press("Godkend")
    crm.fail(status=500, times=None)
    chat.say(f"find {METTE}")
    log = own_server.log.read_text()
    assert "pat-eu1-sandbox" not in log
    assert "Traceback" not in log
    assert METTE not in log


@pytest.mark.parametrize("lost", ["the reply", "its buttons"])
def test_what_was_written_before_a_kill_is_told(own_server, tab, crm: Sandbox, lost: str) -> None:
    """Killed after a write and before the page had it whole, the chat tells it when it is opened, with its undo."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    chat.press("Godkend")
    chat.shows("er opdateret")
    own_server.stop(signal.SIGKILL)
    folder = Path(own_server.environment["ASSISTANT_DATABASE_URL"].removeprefix("sqlite:///"))
    with closing(sqlite3.connect(folder / "chat.db")) as db:  # as it is before the rest is saved
        waits = "Se venligst dette igennem. Intet gemmes i HubSpot, før du godkender."
        mark = json.dumps({"card": {"state": "waiting", "heading": len(waits)}})
        card = "update steps set output = replace(output, ?, ?), metadata = ? where output like ?"
        assert db.execute(card, ("**✓ Godkendt**", waits, mark, "**✓ Godkendt**%")).rowcount == 1
        if lost == "the reply":
            db.execute("delete from steps where output like '%er opdateret%'")
        else:
            db.execute("update steps set metadata = '{}' where output like '%er opdateret%'")
        db.commit()
    own_server.start()
    chat.page.reload()
    chat.shows("er opdateret")
    expect(chat.page.locator("[data-step-type=assistant_message]", has_text="✓ Godkendt")).to_have_count(1)
    chat.press("Fortryd")
    chat.press("Godkend")
    chat.shows("er fortrudt")
    assert len(crm.writes()) == 2


def test_a_conversation_that_was_deleted_in_another_tab(own_server, tab, crm: Sandbox) -> None:
    """What is written or pressed in a conversation that another tab deleted says so, does nothing and is not kept."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    thread = urlsplit(chat.page.url).path.rsplit("/", 1)[-1]
    delete = "id => fetch('/project/thread', {method: 'DELETE', headers: {'Content-Type': 'application/json'},"
    delete += " body: JSON.stringify({threadId: id})}).then(answer => answer.status)"
    assert chat.page.evaluate(delete, thread) == 200
    folder = Path(own_server.environment["ASSISTANT_DATABASE_URL"].removeprefix("sqlite:///"))
    assert [name for name in holds(folder, UPDATE) if not name.startswith("ledger.db")] == []
    chat.press("Godkend")
    chat.shows("er slettet")
    chat.say("find Mette Hansen")
    chat.shows("er slettet")
    assert crm.writes() == []
    for file, query in (
        ("chat.db", "select id from threads union select id from steps"),
        ("conversations.db", "select thread_id from checkpoints"),
    ):
        with closing(sqlite3.connect(folder / file)) as db:
            assert not [row for row in db.execute(query) if thread in row[0]]
            if file == "chat.db":
                assert db.execute("select count(*) from steps").fetchone() == (0,)
