"""The contacts a new file starts with."""

import re
from collections.abc import Iterator

from sandbox.errors import bad_request
from sandbox.seed.crowd import crowd
from sandbox.seed.demo import people
from sandbox.state.index import clear as clear_index
from sandbox.state.portal import Portal

FORMS = "demo, none or people:COUNT"
_CROWD = re.compile(r"people:(\d{1,7})")


def is_seed(text: str) -> bool:
    """Whether the text names a seed."""
    return text in ("demo", "none") or _CROWD.fullmatch(text) is not None


def seed_once(portal: Portal, seed: str) -> None:
    """Seed a file that never was: one transaction, so that of several starters exactly one does it."""
    if portal.store.meta("seed") is not None:
        return
    with portal.store.transaction():
        if portal.store.meta("seed") is None:
            _plant(portal, seed)


def reseed(portal: Portal, seed: str) -> None:
    """Empty the file and seed it anew; 400 for an unknown seed."""
    if not is_seed(seed):
        raise bad_request(f"seed is {FORMS}.")
    if portal.store.restore(seed):
        return
    with portal.store.transaction():
        portal.store.clear()
        clear_index(portal.store.db)
        _plant(portal, seed)
    portal.store.remember(seed)


def _plant(portal: Portal, seed: str) -> None:
    portal.store.set_meta("seed", seed)
    if seed != "none":
        portal.contacts.load(_contacts(seed))


def _contacts(seed: str) -> Iterator[tuple[int, dict[str, str]]]:
    many = _CROWD.fullmatch(seed)
    return crowd(int(many[1])) if many else people()
