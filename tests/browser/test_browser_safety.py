"""What must hold in the browser whatever happens: reloads, restarts, two tabs, odd input, no foreign request."""

import json
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
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
OTHER = "ret stilling på mh@fjordbyg.example til Formand"


def test_a_reload_keeps_conversation_and_card(chat, crm: Sandbox) -> None:
    """After a reload in the middle of an approval the card is there with its buttons, and is written once."""
    chat.say(UPDATE)
    chat.page.reload()
    expect(chat.page.locator("[data-step-type=user_message]").last).to_contain_text(UPDATE)
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1


@pytest.mark.parametrize("how", [pytest.param(signal.SIGTERM, marks=pytest.mark.proof), signal.SIGKILL])
def test_a_restart_keeps_the_pending_card(restartable, tab, crm: Sandbox, how: int) -> None:
    """After a stop or a kill, a page that is loaded anew and one that stayed open each approve their card once."""
    reloaded, stayed = tab(restartable), tab(restartable)
    for chat, words in ((reloaded, UPDATE), (stayed, OTHER)):
        chat.open()
        chat.say(words)
    restartable.stop(how)
    restartable.start()
    reloaded.page.reload()
    expect(reloaded.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(1)
    stayed.page.wait_for_timeout(6_000)  # the page's own reconnecting takes up to five seconds
    for chat, writes in ((reloaded, 1), (stayed, 2)):
        chat.press("Godkend")
        chat.shows("er opdateret")
        assert len(crm.writes()) == writes
    stayed.say(f"find {METTE}")
    stayed.shows(METTE)


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


@pytest.mark.proof
def test_a_very_long_message_is_handed_back(chat, crm: Sandbox) -> None:
    """100,000 characters are refused with a sentence, stay in the conversation, and the chat goes on."""
    chat.say("ordet " * 16_667)
    chat.shows("tegn")
    expect(chat.page.locator("[data-step-type=user_message]").last).to_contain_text("ordet ordet")
    chat.say(f"find {METTE}")
    chat.shows(METTE)


@pytest.mark.proof
def test_hostile_messages_are_answered(chat, crm: Sandbox) -> None:
    """Strings of the hostile collection are answered one by one: no dialog, no write, no stack trace."""
    dialogs: list[str] = []
    chat.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    lines = data("hostile.jsonl").read_text("utf-8").split("\n")[:-1]
    for line in lines[::74]:
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


def test_the_secret_and_the_token_are_not_logged(chat, server, crm: Sandbox) -> None:
    """After searches, a card, a write and trouble, the log holds no token and no person's address."""
    chat.say(f"find {METTE}")
    chat.say(UPDATE)
    chat.press("Godkend")
    crm.fail(status=500, times=None)
    chat.say(f"find {METTE}")
    log = server.log.read_text()
    assert "pat-eu1-sandbox" not in log
    assert "Traceback" not in log
    assert METTE not in log


def thread_of(chat: Any) -> str:
    """The id of the conversation."""
    return urlsplit(chat.page.url).path.rsplit("/", 1)[-1]


@pytest.mark.proof
def test_what_was_written_before_a_kill_is_told(restartable, tab, crm: Sandbox) -> None:
    """Killed after a write and before the page had the reply, or its buttons, the chat tells it with its undo."""
    without_reply, without_buttons = tab(restartable), tab(restartable)
    for chat, words in ((without_reply, UPDATE), (without_buttons, OTHER)):
        chat.open()
        chat.say(words)
        chat.press("Godkend")
        chat.shows("er opdateret")
    restartable.stop(signal.SIGKILL)
    lost = {
        thread_of(without_reply): "delete from steps",
        thread_of(without_buttons): "update steps set metadata = '{}'",
    }
    with closing(sqlite3.connect(restartable.folder / "chat.db")) as db:  # as it is before the rest is saved
        waits = "Se venligst dette igennem. Intet gemmes i HubSpot, før du godkender."
        mark = json.dumps({"card": {"state": "waiting", "heading": len(waits)}})
        card = 'update steps set output = replace(output, ?, ?), metadata = ? where "threadId" = ? and output like ?'
        for thread, loss in lost.items():
            assert db.execute(card, ("**✓ Godkendt**", waits, mark, thread, "**✓ Godkendt**%")).rowcount == 1
            db.execute(f"{loss} where \"threadId\" = ? and output like '%er opdateret%'", (thread,))
        db.commit()
    restartable.start()
    for chat in (without_reply, without_buttons):
        chat.page.reload()
        chat.shows("er opdateret")
        expect(chat.page.locator("[data-step-type=assistant_message]", has_text="✓ Godkendt")).to_have_count(1)
        chat.press("Fortryd")
        chat.press("Godkend")
        chat.shows("er fortrudt")
    assert len(crm.writes()) == 4


def test_a_conversation_that_was_deleted_in_another_tab(chat, server, crm: Sandbox) -> None:
    """What is written or pressed in a conversation that another tab deleted says so, does nothing and is not kept."""
    words = f"ret stilling på {METTE} til Sletteleder"
    chat.say(words)
    thread = thread_of(chat)
    delete = "id => fetch('/project/thread', {method: 'DELETE', headers: {'Content-Type': 'application/json'},"
    delete += " body: JSON.stringify({threadId: id})}).then(answer => answer.status)"
    assert chat.page.evaluate(delete, thread) == 200
    assert [name for name in holds(server.folder, words) if not name.startswith("ledger.db")] == []
    chat.press("Godkend")
    chat.shows("er slettet")
    chat.say("find Mette Hansen")
    chat.shows("er slettet")
    assert crm.writes() == []
    for file, query in (
        ("chat.db", 'select id from threads union select "threadId" from steps'),
        ("conversations.db", "select thread_id from checkpoints"),
    ):
        with closing(sqlite3.connect(server.folder / file)) as db:
            assert not [row for row in db.execute(query) if thread in row[0]]
