"""Any number of made-up people for tests of size: mostly Danish, the same in every run.

Emails stand on `.example` domains. The phone numbers are merely made up; nobody should call them.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from sandbox.seed.demo import LEAD_STATUSES, OWNERS, STAGES

DATA = Path(__file__).parent.parent / "data" / "crowd.json"
SEED = 20261123
START_MS = 1_577_836_800_000
MEAN_GAP_MS = 2_000_000
DAY_MS = 86_400_000
CONTACTED = 0.6  # the share of contacts that somebody has written to or called
PLAIN = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "a", "ö": "o", "ü": "ue", "ß": "ss", "á": "a", " ": "", "'": ""}
)
WRITTEN = ("{0}{1}{2}{3}", "{0} {1} {2} {3}", "+{c} {0} {1} {2} {3}", "+{c}{0}{1}{2}{3}", "00{c} {0}{1}{2}{3}")

Person = dict[str, str]


def crowd(count: int) -> Iterator[tuple[int, Person]]:
    """Creation time in milliseconds and values of `count` contacts, oldest first."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    nations = [nation for nation in data.values() if isinstance(nation, dict) and "share" in nation]
    shares = list(accumulate(nation["share"] for nation in nations))
    chance = random.Random(SEED)
    contacted = random.Random(SEED + 1)  # of its own: the people stay who they are
    moment = START_MS
    used: dict[str, int] = {}
    for _ in range(count):
        moment += chance.randrange(1, 2 * MEAN_GAP_MS)
        person = _person(data, chance.choices(nations, cum_weights=shares)[0], chance, used)
        if contacted.random() < CONTACTED:
            person["notes_last_contacted"] = _iso(moment + contacted.randrange(0, 200 * DAY_MS))
        yield moment, person


def _person(data: dict[str, Any], nation: dict[str, Any], chance: random.Random, used: dict[str, int]) -> Person:
    pick = chance.choice
    first, last = pick(nation["first"]), pick(nation["last"])
    company = pick(data["company_heads"]) + pick(data["company_tails"])
    post, city = pick(nation["places"])
    person = {
        "firstname": first,
        "lastname": last,
        "company": company + pick(data["company_ends"]),
        "jobtitle": pick(data["titles"]),
        "city": city,
        "country": nation["country"],
        "lifecyclestage": pick(STAGES),
    }
    kind = chance.random()
    if kind < 0.9:
        domain = company.lower().translate(PLAIN).replace("&", "")
        latin = data["latin"]
        local = f"{latin.get(first, first)}.{latin.get(last, last)}".lower().translate(PLAIN)
        person["email"] = _free(f"{local}@{domain}.example", used)
    if kind > 0.15:
        person["phone"] = _phone(nation["code"], chance)
    if kind < 0.3:
        person["mobilephone"] = _phone(nation["code"], chance)
    if kind < 0.5:
        person["address"] = f"{pick(nation['streets'])} {chance.randrange(1, 200)}"
        person["zip"] = post
    if kind > 0.4:
        person["hubspot_owner_id"] = pick(OWNERS)
    if kind > 0.7:
        person["hs_lead_status"] = pick(LEAD_STATUSES)
    return person


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _free(email: str, used: dict[str, int]) -> str:
    used[email] = used.get(email, 0) + 1
    return email if used[email] == 1 else email.replace("@", f"{used[email]}@")


def _phone(code: str, chance: random.Random) -> str:
    digits = str(chance.randrange(20_000_000, 100_000_000))
    pairs = [digits[at : at + 2] for at in range(0, 8, 2)]
    form = chance.choice(WRITTEN) if code == "45" else chance.choice(WRITTEN[2:])
    return form.format(*pairs, c=code)
