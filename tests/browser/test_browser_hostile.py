"""Hundreds of hostile strings in a real page: shown as the characters that they are, fetching and running nothing."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.hostile import chunks, hostile, seed
from support.openai_wire import ToolCall, calls, says

FIELDS = ("company", "jobtitle", "city", "address", "zip", "state", "message")
LISTS, CARDS, CONTACTS = 5, 3, 8
# elements that markup of ours never makes, and attributes that run something
FOREIGN = """root => [...root.querySelectorAll('[data-step-type] *')].filter(e =>
    e.matches('script, iframe, object, embed, form, math, video, audio, style, link, meta')
    || (e.tagName === 'IMG' && !e.src.startsWith(location.origin + '/'))
    || (e.tagName === 'A' && !/^(https?|mailto):/.test(e.href))
    || [...e.attributes].some(a => /^on/i.test(a.name))).map(e => e.outerHTML)"""
RAN = "window.ran = []; for (const n of ['alert', 'confirm', 'prompt', 'print', 'open']) window[n] = () => ran.push(n)"


class Watch:
    """What a page did that it must not: asked another host, was stopped from it, ran something, or failed."""

    def __init__(self, page: Page, url: str) -> None:
        self.seen: list[str] = []
        self._own = urlsplit(url).netloc
        page.add_init_script(RAN)
        page.context.on("request", lambda request: self._asked(request.url))
        page.on("console", lambda message: self._said(message.text))
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda opened: self.seen.append(f"popup: {opened.url}"))

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc not in (self._own, ""):
            self.seen.append(f"request: {url}")

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text:  # the policy stopped what the text should never have begun
            self.seen.append(text)


def test_hostile_strings_are_shown_and_do_nothing(
    model_server: Any, model: FakeOpenAI, tab: Callable[..., Any], crm: Sandbox
) -> None:
    """In lists, cards and details every string is text: nothing is fetched elsewhere, run, or written unapproved."""
    strings = [text for text in hostile() if len(text) <= 100]
    groups = seed(crm, strings)
    contacts = [crm.create(email=f"v{n}@nordlys.example", firstname=f"V{n}") for n in range(CONTACTS)]
    crm.control("DELETE", "writes")
    chat = tab(model_server)
    watch = Watch(chat.page, model_server.url)
    chat.open()
    pages = list(zip(groups, chunks(strings, 10), strict=True))
    for name, texts in pages[:: len(pages) // LISTS + 1]:
        model.play([calls(ToolCall("search_contacts", {"query": name})), says("Her.")])
        chat.say(f"find {name}")
        expect(chat.last).to_contain_text(f"{name} ·")
        assert_shown(chat.last.text_content(), texts)
    cards = list(chunks(list(chunks(strings, len(FIELDS))), CONTACTS))
    for texts_of in cards[:CARDS]:
        model.play([calls(*(update(c, texts) for c, texts in zip(contacts, texts_of, strict=False)))])
        chat.say("skriv det, også undefined, null og NIL")  # words for no value count only where the user said them
        expect(chat.last.get_by_role("table").last).to_be_visible()
        assert_shown(chat.last.text_content(), [text for texts in texts_of for text in texts])
    model.play([calls(ToolCall("get_contact", {"contact": "h1@nordlys.example"})), says("Her.")])
    chat.say("vis h1@nordlys.example")
    chat.shows(strings[1])
    assert chat.page.evaluate(f"({FOREIGN})(document)") == []
    assert chat.page.evaluate("ran") == []
    chat.page.reload()
    expect(chat.last).to_contain_text(strings[1])
    assert chat.page.evaluate(f"({FOREIGN})(document)") == []
    assert (watch.seen, chat.page.evaluate("ran"), crm.writes()) == ([], [], [])


def update(contact: str, texts: Sequence[str]) -> ToolCall:
    values = dict(zip(FIELDS, texts, strict=False))
    return ToolCall("update_contact", {"contact": contact, "properties": values}, id=f"c{contact}")


def assert_shown(page_text: str | None, texts: Sequence[str]) -> None:
    """Every string stands in the page's text; of those with characters that hide, the visible ones count elsewhere."""
    plain = " ".join((page_text or "").split())
    for text in texts:
        if text.isprintable() and unicodedata.is_normalized("NFC", text):
            assert " ".join(text.split()) in plain, text
