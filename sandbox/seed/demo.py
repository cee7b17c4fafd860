"""The demo account's contacts: made-up people with the disorder of a real CRM, the same in every run.

Emails stand on the reserved `.example` domains. British, Swedish and American numbers come from the
ranges kept for fiction; the other countries have none, so their numbers are merely made up.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "people.json"
SEED = 20261122
COUNT = 204
START_MS = 1_738_400_000_000
MEAN_GAP_MS = 260_000_000
STAGES = ("subscriber", "lead", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
LEAD_STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING")
OWNERS = ("77040101", "77040118", "77040131", "77040156", "77040172")
PRODUCTS = ("nordlys_lamp", "fjord_chair", "strand_table", "klit_sofa")
PLAIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e"})

Person = dict[str, str]


def people() -> Iterator[tuple[int, Person]]:
    """Creation time in milliseconds and values of every contact, oldest first."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    chance = random.Random(SEED)
    special: list[Person] = data["special"]
    taken = {person["email"] for person in special if "email" in person}
    crowd = [_person(data, chance, taken) for _ in range(COUNT - len(special))]
    everyone = special + crowd
    chance.shuffle(everyone)
    moment = START_MS
    for person in everyone:
        moment += chance.randrange(1, 2 * MEAN_GAP_MS)
        yield moment, person


def _person(data: dict[str, Any], chance: random.Random, taken: set[str]) -> Person:
    first, last = chance.choice(data["first"]), chance.choice(data["last"])
    company = chance.choice(data["companies"])
    title = chance.choice(data["titles"])
    person = {"firstname": first, "lastname": last, "company": company["name"], "jobtitle": title}
    if chance.random() < 0.88:
        person["email"] = _email(first, last, company["domain"], taken)
    _phones(person, chance)
    if chance.random() < 0.7:
        person |= {
            "address": f"{company['address']} {chance.randrange(1, 180)}",
            "zip": company["zip"],
            "city": company["city"],
            "country": "Danmark" if chance.random() < 0.7 else "Denmark",
        }
    person["lifecyclestage"] = chance.choice(STAGES)
    if chance.random() < 0.6:
        person["hs_lead_status"] = chance.choice(LEAD_STATUSES)
    if chance.random() < 0.8:
        person["hubspot_owner_id"] = chance.choice(OWNERS)
    if chance.random() < 0.3:
        person["favorite_product"] = chance.choice(PRODUCTS)
    if chance.random() < 0.25:
        person["newsletter_signup_date"] = f"2026-{chance.randrange(1, 10):02d}-{chance.randrange(1, 28):02d}"
    return _untidy(person, chance)


def _email(first: str, last: str, domain: str, taken: set[str]) -> str:
    local = f"{first}.{last}".lower().translate(PLAIN)
    email, number = f"{local}@{domain}", 2
    while email in taken:
        email, number = f"{local}{number}@{domain}", number + 1
    taken.add(email)
    return email


def _phones(person: Person, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.7:
        person["phone"] = _written(f"7000{chance.randrange(1000, 9999)}", chance)
    if 0.5 < kind < 0.9:
        person["mobilephone"] = _written(f"2000{chance.randrange(1000, 9999)}", chance)


def _written(digits: str, chance: random.Random) -> str:
    pairs = [digits[i : i + 2] for i in range(0, 8, 2)]
    forms = (
        digits,
        " ".join(pairs),
        "+45 " + " ".join(pairs),
        "+45" + digits,
        "0045" + digits,
        f"+45 {pairs[0]}-{pairs[1]} {pairs[2]} {pairs[3]}",
        "(+45) " + digits,
        f"{digits[:4]} {digits[4:]}",
        ".".join(pairs),
        "45" + digits,
    )
    return chance.choice(forms)


def _untidy(person: Person, chance: random.Random) -> Person:
    kind = chance.random()
    if kind < 0.05:
        return person | {name: person[name].upper() for name in ("firstname", "lastname")}
    if kind < 0.08:
        return person | {name: person[name].lower() for name in ("firstname", "lastname")}
    if kind < 0.12:
        return {name: value for name, value in person.items() if name != "company"}
    return person
