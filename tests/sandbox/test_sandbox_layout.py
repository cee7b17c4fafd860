"""Files written by an earlier sandbox."""

import sqlite3
from pathlib import Path
from typing import Any

CONTACTS = "/crm/v3/objects/contacts"


def test_a_file_without_the_later_tables(launch: Any, tmp_path: Path) -> None:
    """A file from before companies, associations and own properties keeps its contacts and gains all of them."""
    path = tmp_path / "crm.db"
    first = launch("--db", str(path), "--seed", "demo")
    contact_id = first.create(email="a@nordlys.example")
    first.process.terminate()
    first.process.wait(10)
    with sqlite3.connect(path) as db:
        for table in ("objects", "associations", "unique_values", "blocked_emails", "merged", "definitions"):
            db.execute(f"DROP TABLE {table}")
    db.close()
    second = launch("--db", str(path))
    assert second.control("GET", "health")["contacts"] == 205
    firm = second.http.post("/crm/v3/objects/companies", json={"properties": {"name": "Nordlys"}}).json()["id"]
    path_of_link = f"/crm/v4/objects/contacts/{contact_id}/associations/default/companies/{firm}"
    assert second.http.put(path_of_link).status_code == 200
    other = second.create(firstname="Bo")
    merged = second.http.post(f"{CONTACTS}/merge", json={"primaryObjectId": contact_id, "objectIdToMerge": other})
    assert second.http.get(f"{CONTACTS}/{other}").json()["id"] == merged.json()["id"]


def test_half_a_character(sandbox: Any) -> None:
    """A text that holds half of a surrogate pair is refused like other JSON that cannot be read."""
    for path in (CONTACTS, f"{CONTACTS}/batch/create", f"{CONTACTS}/search"):
        answer = sandbox.http.post(
            path, content=b'{"properties":{"firstname":"\\ud83d"},"query":"\\ud83d","inputs":[]}'
        )
        assert answer.status_code == 400 and answer.json()["message"].startswith("Invalid input JSON")
