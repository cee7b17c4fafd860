"""Cards that wait while the assistant changes: an operator overrides its sentences, or installs another version."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from support.children import ROOT, Sandbox

UPDATE = "ret stilling på mette.hansen@nordlys.example til CFO"
SECOND = "ret stilling på mh@fjordbyg.example til Formand"
# the operator's heading of a card that waits is a word that stands in the text of every card
OWN = """ui-card-intro = Felt
ui-card-approved = Udført
ui-card-cancelled = Droppet
ui-card-replaced = Afløst
"""


def restart(server: Any, folder: Path) -> None:
    """Starts the chat again with sentences of the operator's own."""
    server.stop(signal.SIGKILL)
    (folder / "own" / "da").mkdir(parents=True)
    (folder / "own" / "da" / "own.ftl").write_text(OWN, "utf-8")
    server.environment["ASSISTANT_PROMPTS_DIR"] = str(folder / "own")
    server.start()


@pytest.mark.proof
def test_cards_are_known_whatever_their_sentences(
    own_server: Any, tab: Callable[..., Any], crm: Sandbox, tmp_path: Path
) -> None:
    """After a restart with other sentences, used cards stay as they ended, and the one that waits can be used once."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    chat.press("Annullér")
    chat.say(SECOND)
    restart(own_server, tmp_path)
    chat.page.reload()
    cards = chat.page.locator("[data-step-type=assistant_message]", has_text="Kilde")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("✕ Annulleret")
    expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(1)
    chat.press("Godkend")
    chat.shows("er opdateret")
    for _ in range(2):
        expect(cards.first).to_contain_text("✕ Annulleret")
        expect(cards.last).to_contain_text("Udført")
        expect(cards.last).not_to_contain_text("Intet gemmes i HubSpot")
        expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(0)
        chat.page.reload()
        chat.shows("er opdateret")
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Formand"}]


def other_version(folder: Path) -> Path:
    """A copy of what serves the chat, whose state and cards have the next number."""
    for name in ("crm", "graph", "guided", "language", "prompts", "public", "sandbox", "tools", "ui", ".chainlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("settings.py", "chainlit.md", "chainlit_da-DK.md"):
        shutil.copy(ROOT / name, folder / name)
    state = folder / "graph" / "state.py"
    text = state.read_text("utf-8")
    assert text.count("VERSION = 1") == 1
    state.write_text(text.replace("VERSION = 1", "VERSION = 2"), "utf-8")
    return folder


def test_a_card_of_another_version_is_withdrawn_on_the_page(
    own_server: Any, tab: Callable[..., Any], crm: Sandbox, tmp_path: Path
) -> None:
    """A page that comes back after an upgrade withdraws the card that waited, says so, and the chat goes on."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    own_server.stop()
    own_server.root = other_version(tmp_path / "other")
    own_server.start()
    chat.page.reload()
    chat.shows("fra en anden version af assistenten")
    expect(chat.replies.filter(has_text="Kilde").first).to_contain_text("Gælder ikke længere")
    expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(0)
    chat.say(UPDATE)
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1
