"""Makes up people, each requested twice in different spellings, and pairs of people who only look alike."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

FIRST = (
    "Mette", "Jens", "Søren", "Lærke", "Åse", "Bjørn", "Kirsten", "Anders", "Freja", "Mikkel", "Signe", "Rasmus",
    "Ida", "Torben", "Gitte", "Henrik", "Pernille", "Lars", "Sofie", "Niels", "Karen", "Jørgen", "Camilla",
    "Morten", "Hanne", "Kasper", "Line", "Ulrik", "Astrid", "Viggo", "Emma", "Oliver", "Charlotte", "Nikolaj",
    "Bente", "Flemming",
)  # fmt: skip
LAST = (
    "Hansen", "Sørensen", "Kjær", "Mølgaard", "Ågesen", "Thorup", "Bruun", "Lindholm", "Vestergaard",
    "Østergaard", "Rønne", "Skov", "Dahl", "Krogh", "Friis", "Holst", "Bæk", "Juul", "Winther", "Overgaard",
    "Schmidt", "Nørgaard", "Toft", "Villadsen", "Bertelsen", "Lauridsen", "Kofoed", "Damgaard", "Hougaard",
    "Stage", "Brandt", "Møllegaard",
)  # fmt: skip
COMPANIES = (
    "Nordlys A/S", "Havneby ApS", "Vestkyst Energi", "Grøn Strøm A/S", "Bygholm Byg", "Kystlinjen", "Ærø Rederi",
    "Skovhus Møbler", "Fjordmark", "Delta Data ApS", "Øresund Optik", "Limfjord Logistik", "Himmerland Huse",
    "Sydfyn Sejl", "Rosenborg Råd",
)  # fmt: skip
LOOK_ALIKES = 42  # pairs


@dataclass(frozen=True)
class Person:
    """A person as they really are; an empty text means that this is unknown."""

    number: int
    firstname: str
    lastname: str
    email: str = ""
    phone: str = ""
    company: str = ""

    @property
    def values(self) -> dict[str, str]:
        """What is known of the person, as properties of a contact."""
        names = ("firstname", "lastname", "email", "phone", "company")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True)
class Request:
    """A request to create this person, in these words."""

    person: int
    values: dict[str, str]


def people(count: int, chance: random.Random) -> list[Person]:
    """Make this many different people; the first are pairs that look alike (father and son, namesakes, a shared
    number).
    """
    names = [(first, last) for first in FIRST for last in LAST]
    chance.shuffle(names)
    made: list[Person] = []
    kinds = (_father_and_son, _namesakes, _reception)
    pairs = min(LOOK_ALIKES, count // 5)
    for n in range(pairs):
        one = _person(len(made), names.pop(), chance, everything=True)
        made += [one, kinds[n % len(kinds)](one, names, chance)]
    while len(made) < count:
        made.append(_person(len(made), names.pop(), chance))
    return made


def requests(everybody: list[Person], chance: random.Random) -> list[Request]:
    """Make two requests for each person, the second in another spelling or format, in random order."""
    asked = [Request(p.number, values) for p in everybody for values in (p.values, _another_way(p, chance))]
    chance.shuffle(asked)
    return asked


def _person(number: int, name: tuple[str, str], chance: random.Random, everything: bool = False) -> Person:
    first, last = name
    company = chance.choice(COMPANIES)
    domain = _ascii(company.split()[0].lower()) + ".example"
    known = Person(
        number, first, last, f"{_ascii(first.lower())}.{_ascii(last.lower())}{number}@{domain}", _phone(chance), company
    )
    if everything:
        return known
    missing = chance.choice((("email",), ("phone",), ("company",), ("email", "company"), (), ()))
    for unknown in missing:
        known = replace(known, **{unknown: ""})  # type: ignore[arg-type]  # mypy takes any name for any field
    return known


def _father_and_son(one: Person, names: list[tuple[str, str]], chance: random.Random) -> Person:
    return replace(one, number=one.number + 1, email=f"junior{one.number}@privat.example", company="")


def _namesakes(one: Person, names: list[tuple[str, str]], chance: random.Random) -> Person:
    company = chance.choice([c for c in COMPANIES if c != one.company])
    return replace(
        one, number=one.number + 1, email=f"n{one.number}@andet.example", phone=_phone(chance), company=company
    )


def _reception(one: Person, names: list[tuple[str, str]], chance: random.Random) -> Person:
    other = _person(one.number + 1, names.pop(), chance, everything=True)
    return replace(other, phone=one.phone, company=one.company)


def _phone(chance: random.Random) -> str:
    return f"+45{chance.choice('2345678')}{chance.randrange(10**7):07d}"


def _another_way(person: Person, chance: random.Random) -> dict[str, str]:
    """The same person as somebody else would write them, with something left that identifies the person."""
    values = person.values
    ways: list[Callable[[dict[str, str], random.Random], dict[str, str]]] = [_folded, _typo, _double_name, _swapped]
    changed = chance.choice(ways)(dict(values), chance)
    changed = _reformatted(changed, chance)
    if len(changed) > 3 and chance.random() < 0.4:
        changed.pop(chance.choice([p for p in ("email", "phone", "company") if p in changed]))
    return changed


def _folded(values: dict[str, str], chance: random.Random) -> dict[str, str]:
    style = chance.choice(({"æ": "ae", "ø": "oe", "å": "aa"}, {"æ": "ae", "ø": "o", "å": "a"}))
    for name in ("firstname", "lastname", "company"):
        if name in values:
            values[name] = "".join(style.get(c, style.get(c.lower(), c).title()) for c in values[name])
    return values


def _typo(values: dict[str, str], chance: random.Random) -> dict[str, str]:
    name = chance.choice([n for n in ("firstname", "lastname") if len(values[n]) >= 4] or ["lastname"])
    text = values[name]
    at = chance.randrange(1, len(text) - 1)
    values[name] = chance.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + chance.choice("aeiort") + text[at + 1 :],
        )
    )
    return values


def _double_name(values: dict[str, str], chance: random.Random) -> dict[str, str]:
    values["firstname"] += chance.choice(("-Peter", " Marie", "-Sofie", " Emil"))
    return values


def _swapped(values: dict[str, str], chance: random.Random) -> dict[str, str]:
    values["firstname"], values["lastname"] = values["lastname"], values["firstname"]
    return values


def _reformatted(values: dict[str, str], chance: random.Random) -> dict[str, str]:
    if number := values.get("phone"):
        d = number.removeprefix("+45")
        pairs = f"{d[:2]} {d[2:4]} {d[4:6]} {d[6:]}"
        values["phone"] = chance.choice((d, pairs, f"+45 {pairs}", f"0045{d}", f"(+45) {d[:4]} {d[4:]}"))
    if email := values.get("email"):
        values["email"] = chance.choice((email, email.upper(), email.title(), f" {email} "))
    if company := values.get("company"):
        values["company"] = chance.choice((company, company.split()[0], company.upper()))
    return values


def _ascii(text: str) -> str:
    for letter, plain in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        text = text.replace(letter, plain)
    return text
