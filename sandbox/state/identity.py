"""Who holds an email or another unique value, which emails are blocked, and which ids were merged into which."""

import sqlite3
from collections.abc import Iterable, Sequence

from sandbox import errors
from sandbox.state import emails
from sandbox.state.definitions import Definitions
from sandbox.state.store import Store
from sandbox.state.switches import Switches

MOST_MERGES = 250


class Identity:
    """Keeps what identifies contacts. Methods that take `db` belong inside the transaction that changes them."""

    def __init__(self, store: Store, definitions: Definitions, switches: Switches, portal_id: int) -> None:
        self._store = store
        self._definitions = definitions
        self._switches = switches
        self._portal_id = portal_id

    def of_email(self, email: str) -> int | None:
        """The live contact that has the address, as its primary or an additional one."""
        row = self._store.db.execute(
            "SELECT contact_id FROM emails WHERE email = ?", (emails.normal(email),)
        ).fetchone()
        return None if row is None else int(row["contact_id"])

    def of_value(self, name: str, value: str) -> int | None:
        """The live contact with this value of a unique property of the account."""
        row = self._store.db.execute(
            "SELECT contact_id FROM unique_values WHERE name = ? AND value = ?", (name, value)
        ).fetchone()
        return None if row is None else int(row["contact_id"])

    def keep(self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str]) -> None:
        """Note what the contact holds now, and nothing else."""
        self.free(db, contact_id)
        self.hold(db, contact_id, properties)

    def hold(self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str]) -> None:
        """Note what a contact holds that held nothing before."""
        self.hold_all(db, [(contact_id, properties)])

    def hold_all(self, db: sqlite3.Connection, contacts: Sequence[tuple[int, dict[str, str]]]) -> None:
        """The same for many contacts."""
        db.executemany(
            "INSERT INTO emails (email, contact_id) VALUES (?, ?)",
            [(email, contact_id) for contact_id, properties in contacts for email in _emails(properties)],
        )
        db.executemany(
            "INSERT INTO unique_values (name, value, contact_id) VALUES (?, ?, ?)",
            [
                (name, properties[name], contact_id)
                for name in self._definitions.unique
                for contact_id, properties in contacts
                if properties.get(name)
            ],
        )

    def free(self, db: sqlite3.Connection, contact_id: int) -> None:
        """The contact holds nothing any more."""
        db.execute("DELETE FROM emails WHERE contact_id = ?", (contact_id,))
        db.execute("DELETE FROM unique_values WHERE contact_id = ?", (contact_id,))

    def require_free(self, changes: dict[str, str], contact_id: int | None) -> None:
        """409 or 400 where another contact holds one of the values; `contact_id` is None for a new contact."""
        if changes.get("email"):
            self._require_email(changes["email"], contact_id)
        for name in self._definitions.unique:
            holder = self.of_value(name, changes.get(name, ""))
            if holder is not None and holder != contact_id:
                raise self._conflicting(name, holder)

    def _require_email(self, email: str, contact_id: int | None) -> None:
        if self._store.db.execute("SELECT 1 FROM blocked_emails WHERE email = ?", (email,)).fetchone():
            if self._switches.blocked_email == 409:
                raise errors.HubSpotError(409, f"Email address {email} is blocked.", "CONFLICT")
            problem = errors.Invalid("email", "INVALID_EMAIL", f"Email address {email} is invalid")
            raise errors.invalid_properties([problem], self._portal_id)
        holder = self.of_email(email)
        if holder is None or holder == contact_id:
            return
        if contact_id is not None and self._switches.email_conflict == 400:
            raise self._conflicting("email", holder)
        raise errors.AlreadyExists(holder)

    def _conflicting(self, name: str, holder: int) -> errors.HubSpotError:
        # The code is HubSpot's own constant; the text is not verified.
        problem = errors.Invalid(name, "CONFLICTING_UNIQUE_VALUE", f"{holder} already has that value.")
        return errors.invalid_properties([problem], self._portal_id)

    def block(self, db: sqlite3.Connection, addresses: Iterable[str]) -> None:
        """No contact may have these addresses from now on."""
        db.executemany(
            "INSERT OR IGNORE INTO blocked_emails (email) VALUES (?)", [(emails.normal(each),) for each in addresses]
        )

    def resolved(self, contact_id: int) -> int:
        """The contact that this one was merged into, or itself."""
        row = self._store.db.execute("SELECT new_id FROM merged WHERE old_id = ?", (contact_id,)).fetchone()
        return contact_id if row is None else int(row["new_id"])

    def join(self, db: sqlite3.Connection, old: tuple[int, int], new_id: int) -> None:
        """Let both old ids, and all that were merged into them before, stand for the new one.

        414 above 250 merges (documented; the text is observed).
        """
        event = db.execute("SELECT coalesce(max(event), 0) + 1 FROM merged").fetchone()[0]
        db.execute("UPDATE merged SET new_id = ? WHERE new_id IN (?, ?)", (new_id, *old))
        db.executemany(
            "INSERT INTO merged (old_id, new_id, event) VALUES (?, ?, ?)",
            [(old_id, new_id, event) for old_id in old if old_id != new_id],
        )
        row = db.execute("SELECT count(DISTINCT event) FROM merged WHERE new_id = ?", (new_id,)).fetchone()
        if row[0] > MOST_MERGES:
            raise errors.HubSpotError(414, "Cannot have more than 250 identities on a profile", "VALIDATION_ERROR")


def _emails(properties: dict[str, str]) -> list[str]:
    held = [properties.get("email", ""), *properties.get("hs_additional_emails", "").split(";")]
    return [email for email in dict.fromkeys(held) if email]
