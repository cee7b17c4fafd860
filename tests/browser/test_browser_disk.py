"""The chat where nothing can be kept any more: a sentence, and no more."""

import resource
from typing import Any

from playwright.sync_api import expect

from support.children import Sandbox


def test_a_full_disk_is_a_sentence(restartable: Any, tab: Any, crm: Sandbox) -> None:
    """An approval that cannot be kept is answered by a sentence, writes nothing, and can be given again with room."""
    chat = tab(restartable)
    chat.open()
    chat.say("ret stilling på mette.hansen@nordlys.example til Salgsdirektør")
    # as if the disk were full: no file of the server can grow
    _, most = resource.prlimit(restartable.child.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(restartable.child.pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        chat.button("Godkend").last.click()
        expect(chat.page.locator("body")).to_contain_text("Bed den, der driver assistenten")
        expect(chat.page.locator("body")).not_to_contain_text("Error")
        assert crm.writes() == []
    finally:
        resource.prlimit(restartable.child.pid, resource.RLIMIT_FSIZE, (most, most))
    chat.say("ja")
    chat.shows("er opdateret")
    assert len(crm.writes()) == 1
