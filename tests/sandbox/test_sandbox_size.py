"""Size: many contacts, searches that do not scan them, and what the file keeps of the index."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import seed_once
from sandbox.state import derived
from sandbox.state.index import OldSqlite
from sandbox.state.portal import Portal
from sandbox.state.store import Store
from support.patience import patiently

ROOT = Path(__file__).parents[2]
CONTACTS = "/crm/v3/objects/contacts"


def where(name: str, operator: str, wanted: str | list[str]) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, "values" if isinstance(wanted, list) else "value": wanted}


QUICK: dict[str, dict[str, Any]] = {
    "words": {"query": "jens nielsen"},
    "email": {"query": "jens.nielsen@"},
    "part of a number": {"query": "2345"},
    "EQ": {"filterGroups": [{"filters": [where("email", "EQ", "jens.nielsen@fjordbyg.example")]}]},
    "IN": {"filterGroups": [{"filters": [where("phone", "IN", ["22334455", "+4522334455"])]}]},
    "token": {"filterGroups": [{"filters": [where("lastname", "CONTAINS_TOKEN", "nielsen")]}]},
    "start": {"filterGroups": [{"filters": [where("lastname", "CONTAINS_TOKEN", "niel*")]}]},
    "end": {"filterGroups": [{"filters": [where("email", "CONTAINS_TOKEN", "*@fjordbyg.example")]}]},
    "both": {"filterGroups": [{"filters": [where("city", "CONTAINS_TOKEN", "*arhu*")]}]},
    "several groups": {
        "filterGroups": [
            {"filters": [where("email", "EQ", "a@nordlys.example")]},
            {"filters": [where("firstname", "CONTAINS_TOKEN", "jen*"), where("lastname", "NEQ", "Holm")]},
            {"filters": [where("lifecyclestage", "EQ", "customer"), where("city", "CONTAINS_TOKEN", "aarhus")]},
        ]
    },
    "query and filter": {
        "query": "nielsen",
        "filterGroups": [{"filters": [where("lifecyclestage", "NEQ", "customer")]}],
    },
}


@pytest.fixture(scope="module")
def crowd() -> Any:
    """A thousand contacts in this process, where the plans of SQLite can be read."""
    portal = Portal(Store(":memory:"))
    seed_once(portal, "people:1000")
    yield portal
    portal.store.close()


@pytest.mark.parametrize("lag", [0, 30])
@pytest.mark.parametrize("kind", QUICK)
def test_no_search_for_people_scans_them(crowd: Portal, kind: str, lag: int) -> None:
    """A search by name, email, phone or part of them goes through an index, with and without a lag."""
    crowd.search.lag_seconds = lag
    sql, params = crowd.search.matches(QUICK[kind])
    plan = [row["detail"] for row in crowd.store.db.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
    scans = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE INDEX 0:M" not in step]
    assert plan and not scans, plan


LAYOUT_1 = """
CREATE TABLE versions (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL, haystack TEXT NOT NULL);
CREATE TABLE version_values (version_id INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    folded TEXT NOT NULL, number REAL, PRIMARY KEY (name, version_id)) WITHOUT ROWID;
DROP TABLE entry_text; DROP TABLE entry_values; DROP TABLE entries;
PRAGMA user_version = 1;
"""


def test_file_of_the_first_layout_is_taken_over(launch: Any, tmp_path: Path) -> None:
    """A file from before this index opens with all its contacts, which are found, also with a lag, and changed."""
    path = tmp_path / "crm.db"
    first = launch("--db", str(path))
    gone = first.create(firstname="Gone", email="gone@nordlys.example")
    kept = first.create(firstname="Åse", lastname="Ågård", email="aase@nordlys.example")
    first.http.delete(f"{CONTACTS}/{gone}")
    first.process.terminate()
    first.process.wait(10)
    with sqlite3.connect(path) as db:
        db.executescript(LAYOUT_1)
    db.close()
    again = launch("--db", str(path), "--search-lag", "30")
    assert again.found(query="åse ågå nordlys") == [kept] and again.found(query="gone@") == []
    assert again.control("GET", "health")["contacts"] == 205
    again.control("POST", "lag", {"seconds": 0})
    again.http.patch(f"{CONTACTS}/{kept}", json={"properties": {"firstname": "Ingerlise"}})
    assert again.found(query="ingerlise") == [kept] and again.found(query="åse ågå") == []
    other = launch("--db", str(path))
    assert other.found(query="ingerlise ågå") == [kept]


def test_old_sqlite_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite without what the index needs is a sentence that names the versions."""
    # Patched because no Python of this machine comes with such a SQLite.
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    store = Store(":memory:")
    with pytest.raises(OldSqlite, match=r"needs SQLite 3\.35\.0 or newer with its FTS5 module; this Python has"):
        Portal(store)
    store.close()


def test_versions_that_no_lag_reaches_are_forgotten(sandbox: Any, launch: Any, tmp_path: Path) -> None:
    """A contact that is changed again and again over days keeps only the versions of the last hour."""
    path = tmp_path / "crm.db"
    running = launch("--db", str(path), "--seed", "none")
    contact_id = running.create(firstname="Bo")
    for number in range(6):
        running.control("POST", "clock", {"advance": 3_000})
        running.http.patch(f"{CONTACTS}/{contact_id}", json={"properties": {"city": f"Ribe{number}"}})
    with sqlite3.connect(path) as db:
        (entries,) = db.execute("SELECT count(*) FROM entries").fetchone()
        (names,) = db.execute("SELECT count(*) FROM entry_text WHERE entry_text MATCH 'rest : rib'").fetchone()
    db.close()
    assert entries == 3 and names <= 3


def everyone(sandbox: Any) -> list[dict[str, str]]:
    """The values of every contact."""
    names = "firstname,lastname,email,phone,company,hs_searchable_calculated_phone_number"
    found, after = [], "0"
    while after:
        page = sandbox.http.get(CONTACTS, params={"limit": 100, "after": after, "properties": names}).json()
        found += [each["properties"] for each in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    return found


def test_any_number_of_people_the_same_every_time(shared: Any) -> None:
    """The seed people:COUNT makes so many contacts, the same every time, found by name, email and number."""
    shared.control("POST", "reset", {"seed": "people:600"})
    people = everyone(shared)
    assert len(people) == 600 == shared.search()["total"]
    emails = [each["email"] for each in people if each["email"]]
    assert len(emails) == len(set(emails)) > 500
    assert set("øåüö李") <= set("".join(each["firstname"] + each["lastname"] for each in people).lower())
    for one in [each for each in people if each["email"] and each["phone"]][::50]:
        number = one["hs_searchable_calculated_phone_number"]
        for query in (f"{one['firstname']} {one['lastname']}", one["email"], number):
            hits = shared.search(query=query, limit=200, properties=["email"])["results"]
            assert one["email"] in [each["properties"]["email"] for each in hits], query
    shared.control("POST", "reset", {"seed": "people:600"})
    assert everyone(shared) == people


def test_people_can_be_asked_for_at_the_start(launch: Any) -> None:
    """The command line takes people:COUNT, and anything else is a sentence and a failure."""
    assert launch("--seed", "people:30").control("GET", "health")["contacts"] == 30
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--seed", "people:many"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patiently(20), check=False)
    assert done.returncode == 2 and "it is demo, none or people:COUNT" in done.stderr


def test_contacts_are_found_by_their_company(sandbox: Any) -> None:
    """The pseudo-property associations.company finds the contacts of a company, alone and beside other conditions."""
    answer = sandbox.http.post("/crm/v3/objects/companies", json={"properties": {"name": "Nordlys"}})
    company = answer.raise_for_status().json()["id"]
    bo, asger, _ = [sandbox.create(firstname=name) for name in ("Bo", "Asger", "Mette")]
    for contact_id in (bo, asger):
        path = f"/crm/v4/objects/contacts/{contact_id}/associations/default/companies/{company}"
        sandbox.http.put(path).raise_for_status()
    there = where("associations.company", "EQ", company)
    assert sandbox.found(filterGroups=[{"filters": [there]}]) == [bo, asger]
    assert sandbox.found(filterGroups=[{"filters": [there]}], query="asger") == [asger]
    assert sandbox.found(filterGroups=[{"filters": [there, where("firstname", "EQ", "bo")]}]) == [bo]
    nobody = where("associations.company", "EQ", "1")
    assert sandbox.found(filterGroups=[{"filters": [nobody]}]) == []
    refused = {"filterGroups": [{"filters": [where("associations.lions", "EQ", "1")]}]}
    assert sandbox.http.post(f"{CONTACTS}/search", json=refused).status_code == 400


NOTATIONS = ("{0}{1}", "{0} {1}", "+{c}{0}{1}", "+{c} {0} {1}", "00{c}{0}{1}", "00{c} {0}{1}")


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("code", ["31", "44", "45", "46", "49", "86"])
def test_quick_phone_forms_are_the_librarys(code: str, notation: str) -> None:
    """Numbers of eight digits that are taken apart without the library come to what the library makes of them."""
    rests = ("00 00 00", "12 34 56", "45 45 45", "99 99 99")
    numbers = [notation.format(start, rest, c=code) for start in range(20, 100) for rest in rests]
    assert all(derived._EIGHT.fullmatch(number) for number in numbers)
    library = derived.parsed_forms.__wrapped__
    assert {number: derived.phone_forms(number) for number in numbers} == {each: library(each) for each in numbers}


def rows(portal: Portal, table: str) -> list[tuple[Any, ...]]:
    """All that a table holds."""
    return [tuple(row) for row in portal.store.db.execute(f"SELECT * FROM {table}")]


def test_loaded_contacts_are_those_that_were_inserted() -> None:
    """Contacts that are loaded together leave the same rows as the same contacts inserted one by one."""
    tables = ("contacts", "emails", "history", "unique_values", "entry_values", "meta")
    people = [
        (
            1_600_000_000_000 + number,
            {"firstname": f"Åse{number}", "email": f"a{number}@fjordbyg.example", "phone": phone},
        )
        for number, phone in enumerate(("22334455", "+46 70 123 45 67", "x", "0045 22334455") * 300)
    ]
    one_by_one, together = Portal(Store(":memory:")), Portal(Store(":memory:"))
    with one_by_one.store.transaction() as db:
        for now, properties in people:
            one_by_one.contacts.insert(db, one_by_one.contacts.next_id(), properties, now)
    together.contacts.load(people)
    for table in tables:
        assert rows(together, table) == rows(one_by_one, table), table
    texts = "(SELECT contact_id, haystack, rest FROM entries)"
    assert rows(together, texts) == rows(one_by_one, texts)
    assert (
        together.search.run({"query": "åse7 fjordbyg"}).total
        == one_by_one.search.run({"query": "åse7 fjordbyg"}).total
        > 0
    )
    for portal in (one_by_one, together):
        portal.store.close()


def test_load_that_breaks_off_leaves_a_file_that_seeds_again(tmp_path: Path) -> None:
    """A seed that fails in the middle leaves nothing, and the next start seeds the whole file."""
    portal = Portal(Store(str(tmp_path / "crm.db")))
    twice = (1_600_000_000_000, {"firstname": "Bo", "email": "bo@fjordbyg.example"})
    with pytest.raises(sqlite3.IntegrityError):
        portal.contacts.load([twice, twice])
    assert rows(portal, "contacts") == rows(portal, "entries") == []
    portal.store.close()
    again = Portal(Store(str(tmp_path / "crm.db")))
    seed_once(again, "people:50")
    assert again.search.run({"query": "example"}).total > 30 and len(rows(again, "contacts")) == 50
    again.store.close()
