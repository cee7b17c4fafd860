"""The contacts a new file starts with."""

from sandbox.errors import bad_request
from sandbox.seed.demo import people
from sandbox.state.portal import Portal

SEEDS = ("demo", "none")


def seed_once(portal: Portal, seed: str) -> None:
    """Seed a file that never was: one transaction, so that of several starters exactly one does it."""
    if portal.store.meta("seed") is not None:
        return
    with portal.store.transaction():
        if portal.store.meta("seed") is None:
            _plant(portal, seed)


def reseed(portal: Portal, seed: str) -> None:
    """Empty the file and seed it anew; 400 for an unknown seed."""
    if seed not in SEEDS:
        raise bad_request(f"seed is one of {', '.join(SEEDS)}.")
    with portal.store.transaction():
        portal.store.clear()
        _plant(portal, seed)


def _plant(portal: Portal, seed: str) -> None:
    portal.store.set_meta("seed", seed)
    if seed == "demo":
        for created_ms, properties in people():
            portal.contacts.insert(portal.store.db, portal.contacts.next_id(), properties, created_ms, indexed_ms=0)
