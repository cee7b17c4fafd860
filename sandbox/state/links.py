"""Associations: which records belong together, and in what sense."""

from dataclasses import dataclass

from sandbox import errors
from sandbox.state.kinds import COMPANIES, CONTACTS, NOTES, TASKS, Kind
from sandbox.state.records import Origin, Records
from sandbox.state.store import Store

DEFINED = "HUBSPOT_DEFINED"
OWN = "USER_DEFINED"
# The plain association of a pair of kinds. Documented are contact to company, contact and note, task to contact;
# the other ones are inferred.
PLAIN = {
    (CONTACTS.name, CONTACTS.name): 449,
    (CONTACTS.name, COMPANIES.name): 279,
    (COMPANIES.name, CONTACTS.name): 280,
    (CONTACTS.name, NOTES.name): 201,
    (NOTES.name, CONTACTS.name): 202,
    (CONTACTS.name, TASKS.name): 203,
    (TASKS.name, CONTACTS.name): 204,
    (COMPANIES.name, NOTES.name): 189,
    (NOTES.name, COMPANIES.name): 190,
    (COMPANIES.name, TASKS.name): 191,
    (TASKS.name, COMPANIES.name): 192,
}
# Labels: pair of kinds to category, type id and label; and the type that the other side sees.
LABELS = {
    (CONTACTS.name, COMPANIES.name): ((DEFINED, 1, "Primary"), (OWN, 37, "Billing contact")),
    (COMPANIES.name, CONTACTS.name): ((DEFINED, 2, "Primary"), (OWN, 38, "Billing contact")),
}
OTHER_SIDE = {**{PLAIN[pair]: PLAIN[pair[1], pair[0]] for pair in PLAIN}, 1: 2, 2: 1, 37: 38, 38: 37}
Type = tuple[str, int]


@dataclass(frozen=True)
class Linked:
    """One associated record and the types of the association."""

    id: int
    types: tuple[Type, ...]


class Links:
    """Makes, reads and removes associations between live records."""

    def __init__(self, store: Store, records: dict[str, Records]) -> None:
        self._store = store
        self._records = records

    def types_of(self, from_kind: Kind, to_kind: Kind) -> list[tuple[str, int, str | None]]:
        """Category, type id and label of every association that this pair of kinds can have."""
        pair = (from_kind.name, to_kind.name)
        plain: list[tuple[str, int, str | None]] = [(DEFINED, PLAIN[pair], None)] if pair in PLAIN else []
        return [*plain, *LABELS.get(pair, ())]

    def target_of(self, from_kind: Kind, kind: Type) -> Kind:
        """What an association of this type leads to; 400 for a type that this kind does not have."""
        for records in self._records.values():
            if kind in [(category, type_id) for category, type_id, _ in self.types_of(from_kind, records.kind)]:
                return records.kind
        raise errors.impossible_types([kind])

    def label(self, from_kind: Kind, to_kind: Kind, kind: Type) -> str | None:
        """The label of a type; None where it has none."""
        labels = {(category, type_id): label for category, type_id, label in self.types_of(from_kind, to_kind)}
        return labels.get(kind)

    def add(self, source: tuple[Kind, int], target: tuple[Kind, int], types: list[Type], origin: Origin) -> list[Type]:
        """Associate both ways, with the plain type besides; the types that the source has now.

        400 where a record does not exist, or where the pair does not have a type.
        """
        (from_kind, from_id), (to_kind, to_id) = source, target
        known = {(category, type_id) for category, type_id, _ in self.types_of(from_kind, to_kind)}
        wrong = [kind for kind in types if kind not in known]
        if wrong or not known:
            raise errors.impossible_types(wrong)
        wanted = list(dict.fromkeys([(DEFINED, PLAIN[from_kind.name, to_kind.name]), *types]))
        with self._store.transaction() as db:
            missing = [side for side in (source, target) if not self._records[side[0].name].many([side[1]])]
            if missing:
                raise errors.impossible_records([(kind.singular, record_id) for kind, record_id in missing])
            added = 0
            for category, type_id in wanted:
                row = (from_kind.name, from_id, to_kind.name, to_id, category, type_id)
                back = (to_kind.name, to_id, from_kind.name, from_id, category, OTHER_SIDE[type_id])
                added += db.executemany(
                    "INSERT OR IGNORE INTO associations VALUES (?, ?, ?, ?, ?, ?)", [row, back]
                ).rowcount
            if added:
                names = {f"associations.{to_kind.name}": str(to_id)}
                self._records[from_kind.name].log(db, "ASSOCIATE", from_id, names, {}, origin)
        return wanted

    def remove(self, source: tuple[Kind, int], target: tuple[Kind, int], origin: Origin) -> None:
        """Remove every association between the two; nothing happens where there is none."""
        (from_kind, from_id), (to_kind, to_id) = source, target
        with self._store.transaction() as db:
            gone = db.executemany(
                "DELETE FROM associations WHERE from_id = ? AND to_kind = ? AND to_id = ?",
                [(from_id, to_kind.name, to_id), (to_id, from_kind.name, from_id)],
            ).rowcount
            if gone:
                names = {f"associations.{to_kind.name}": str(to_id)}
                self._records[from_kind.name].log(db, "DISSOCIATE", from_id, names, {}, origin)

    def of(self, from_id: int, to_kind: Kind) -> list[Linked]:
        """The live records of a kind that this one is associated with, by id."""
        rows = self._store.db.execute(
            "SELECT to_id, category, type_id FROM associations WHERE from_id = ? AND to_kind = ?"
            " ORDER BY to_id, category, type_id",
            (from_id, to_kind.name),
        )
        found: dict[int, list[Type]] = {}
        for row in rows:
            found.setdefault(row["to_id"], []).append((row["category"], row["type_id"]))
        live = {record.id for record in self._records[to_kind.name].many(found)}
        return [Linked(to_id, tuple(types)) for to_id, types in found.items() if to_id in live]

    def move(self, old_ids: tuple[int, int], new_id: int) -> None:
        """Give a merged record the associations of both it was made of."""
        with self._store.transaction() as db:
            for old_id in old_ids:
                if old_id != new_id:
                    db.execute("UPDATE OR IGNORE associations SET from_id = ? WHERE from_id = ?", (new_id, old_id))
                    db.execute("UPDATE OR IGNORE associations SET to_id = ? WHERE to_id = ?", (new_id, old_id))
                    db.execute("DELETE FROM associations WHERE from_id = ? OR to_id = ?", (old_id, old_id))
            db.execute("DELETE FROM associations WHERE from_id = to_id")

    def forget(self, record_id: int) -> None:
        """Remove all associations of a record that is gone for good."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM associations WHERE from_id = ? OR to_id = ?", (record_id, record_id))
