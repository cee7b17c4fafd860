"""No English word in a Danish conversation: in no visible text, and in nothing that a screen reader says."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from simplemma import is_known

from support.children import ROOT, Sandbox
from support.page import browser

METTE = "mette.hansen@nordlys.example"
TWIN = "opret Mette Hanssen, telefon 22 33 44 55, Nordlys"
# what stands in contacts and in the portal is theirs, whatever its language
DATA = {"nordlys", "design", "favorite", "product", "chair", "hr", "lead", "trading", "co"}
READ = """() => {
    const found = [document.title], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text; (text = walker.nextNode()); )
        if (!text.parentElement.closest('script, style, [data-step-type=user_message]')) found.push(text.data)
    for (const name of ['aria-label', 'aria-description', 'aria-roledescription', 'title', 'placeholder', 'alt'])
        for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name))
    return found
}"""
DROP = """() => {
    const files = new DataTransfer()
    files.items.add(new File(['a'], 'a.txt', {type: 'text/plain'}))
    const paste = new ClipboardEvent('paste', {clipboardData: files, bubbles: true})
    document.getElementById('chat-input').dispatchEvent(paste)
}"""

# the page's sockets close, and every new one asks where nobody answers
LOSE = """
    const sockets = []
    let lost = false
    window.WebSocket = new Proxy(WebSocket, {construct(Real, [url, protocols]) {
        sockets.push(new Real(lost ? url.replace(/:\\d+/, ':9') : url, protocols))
        return sockets.at(-1)
    }})
    window.lose = () => { lost = true; sockets.forEach((socket) => socket.close()) }
"""


def labels(language: str) -> set[str]:
    """All of Chainlit's labels in a language."""

    def leaves(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for each in part.values():
                yield from leaves(each)
        elif part:
            yield part

    return set(leaves(json.loads((ROOT / ".chainlit/translations" / f"{language}.json").read_text("utf-8"))))


ENGLISH = labels("en-US") - labels("da-DK")


def english(text: str) -> list[str]:
    """Return the English in a text: all of an English label, else the English words that are not Danish too."""
    if text.strip() in ENGLISH:
        return [text]
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.sub(r"\S*(?:@|://|\.example|\.dk)\S*", " ", text))
    return [w for w in words if w.lower() not in DATA and is_known(w.lower(), "en") and not is_known(w.lower(), "da")]


@pytest.mark.parametrize("text", sorted(ENGLISH))
def test_an_english_label_is_noticed(text: str) -> None:
    """Every English label of Chainlit is seen as such, also inside a Danish sentence where a word of it is English."""
    assert english(text)


@pytest.fixture
def reads() -> Iterator[Callable[[Any], None]]:
    """Reads all that a page says at the moment; at the end none of it may be English."""
    texts: set[str] = set()
    yield lambda chat: texts.update(chat.page.evaluate(READ))
    assert texts
    assert {text: found for text in texts if (found := english(text))} == {}


@pytest.fixture
def read(chat: Any, reads: Callable[[Any], None]) -> Iterator[Callable[[], None]]:
    """Reads the page of the chat, and once more at the end."""
    yield lambda: reads(chat)
    reads(chat)


def test_the_conversation(chat, read) -> None:
    """Greeting, buttons, lists, details, cards of every kind, results and undo."""
    assert chat.page.evaluate("document.documentElement.lang") == "da"
    for button in ("Søg efter kontakt", "Opret ny kontakt", "Opdater kontakt"):
        chat.press(button)
    for words in ("kunder i Aarhus", "nummer 1", "find Mette Hanssen", "find ingen@nordlys.example", "ja"):
        chat.say(words)
        read()
    for words in ("hvor mange kunder har vi?", "kun dem uden telefon", "mine leads"):
        chat.say(words)
        read()
    chat.say("hvor mange kunder har vi?")
    chat.press("Vis flere")
    read()
    for words in (f"ret stilling på {METTE} til Indkøber", "nej, Kasserer"):
        chat.say(words)
        read()
    chat.press("Ret")
    chat.press("Godkend")
    chat.button("Fortryd").hover()
    read()
    chat.press("Fortryd")
    chat.press("Annullér")
    read()
    chat.say("hvad har du ændret i dag?")
    read()
    chat.say(TWIN)


def test_what_is_refused_or_not_understood(chat, read, crm: Sandbox) -> None:
    """What the assistant does not do, wrong values, a message that is too long, and HubSpot out of reach."""
    for words in (f"slet {METTE}", "hvordan bliver vejret?", "hjælp"):
        chat.say(words)
        read()
    for words in (f"ret e-mail på {METTE} til noget", f"ret livscyklusfase på {METTE} til noget", "ord " * 2_001):
        chat.say(words)
        read()
    crm.fail(status=500, times=None)
    chat.say(f"find {METTE}")


def test_around_the_conversation(chat, read) -> None:
    """The list of conversations, its dialogs and messages, theme, help, copying, a refused file, and a lost server."""
    page = chat.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.say("hjælp")
    for button in ("#sidebar-trigger-button", "#new-chat-button", "#theme-toggle", "#readme-button"):
        page.locator(button).first.hover()
        read()
    chat.last.hover()
    page.locator("button:has(.lucide-copy)").last.click()
    expect(page.locator(".lucide-check").last).to_be_visible()
    read()
    page.locator("#search-chats-button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    read()
    page.keyboard.type("zzz")
    read()
    page.keyboard.press("Escape")
    for entry, name in (("Omdøb", "Nyt navn"), ("Slet", "")):
        page.locator("#thread-options").first.click()
        expect(page.get_by_role("menuitem", name=entry)).to_be_visible()
        read()
        page.get_by_role("menuitem", name=entry).click()
        dialog = page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))
        expect(dialog).to_be_visible()
        read()
        if name:
            dialog.get_by_role("textbox").fill(name)
        dialog.get_by_role("button", name="Bekræft").click()
        expect(page.get_by_text("Samtalen er omdøbt" if name else "Samtalen er slettet").first).to_be_visible()
        read()
    for button, opened in (
        ("#theme-toggle", "Følg systemet"),
        ("#readme-button", "Intet gemmes i HubSpot, før du godkender k"),
    ):
        page.locator(button).click()
        expect(page.get_by_text(opened)).to_be_visible()
        read()
        page.keyboard.press("Escape")
    page.evaluate(DROP)
    expect(page.get_by_text("Filer kan ikke vedhæftes her")).to_be_visible()
    read()


def test_a_conversation_that_is_gone(chat, read) -> None:
    """An address of a conversation that does not exist says so in Danish."""
    chat.page.goto(f"{chat.url}/thread/00000000-0000-4000-8000-000000000000")
    expect(chat.page.get_by_text("Samtalen findes ikke længere.")).to_be_visible()


def test_a_lost_server(server, tab, reads) -> None:
    """A page that no longer reaches the server says so in Danish."""
    chat = tab(server)
    chat.page.add_init_script(LOSE)
    chat.open()
    chat.page.evaluate("lose()")
    expect(chat.page.get_by_text("Kunne ikke nå serveren")).to_be_visible()
    reads(chat)


@pytest.mark.parametrize("tag", ["da", "da-DK", "nb-NO", "de", "en-GB"])
def test_labels_and_help_are_in_the_language_of_the_assistant(server, tag: str) -> None:
    """A browser that is not English gets Danish labels and Danish help, as the assistant speaks Danish with it."""
    with browser(server.url) as http:
        told = http.get("/project/translations", params={"language": tag}).json()["translation"]
        help_text = http.get("/project/settings", params={"language": tag}).json()["markdown"]
    english_browser = tag.startswith("en")
    assert told["navigation"]["header"]["readme"] == ("Help" if english_browser else "Hjælp")
    assert help_text == Path(ROOT / ("chainlit.md" if english_browser else "chainlit_da-DK.md")).read_text("utf-8")
