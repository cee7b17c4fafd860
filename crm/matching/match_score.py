"""How likely it is that two records are one person, from what they have in common and what sets them apart.

Fellegi and Sunter's model: each piece of evidence adds the logarithm (base 2) of how much more often it is seen
between two records of one person than between two people. The weights are estimates of how names, numbers and
addresses are shared and mistyped (``docs/decisions/0006-likeness.md``), not fitted to any data of ours.
"""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from crm.matching.features import Features

ASK = 0.1  # a question costs a click, a duplicate hours: asked where one in ten would be the same person
# two records at hand are one person once in 500: they were brought together by a search, or by a file
PRIOR = -9.0

SAME_PART, CONTAINED, NEAR, SHORTENED, INITIAL, BEGUN = 6.0, 5.0, 4.0, 2.5, 2.0, 1.0  # of a first or last name
OTHER_FIRST, OTHER_LAST, VAGUE = -4.0, -3.5, -2.0  # people marry; they seldom change the first name
WHOLE_NAME, SWAPPED = 2.0, -0.5
SAME_EMAIL, NEAR_EMAIL, SAME_LOCAL, OTHER_EMAIL = 14.0, 7.0, 3.0, -1.5
SAME_PHONE, OTHER_PHONE = 7.0, -1.5  # a number may be a family's or a reception's, and people have several
SAME_COMPANY, OTHER_COMPANY = 3.0, -2.0
SAME_BIRTH, NEAR_BIRTH, BIRTH_YEAR, OTHER_BIRTH = 11.0, 5.0, 1.5, -5.0
SAME_CITY, OTHER_CITY = 2.5, -1.5
GENERATION = -8.0

ROLES = frozenset((
    "info", "kontakt", "contact", "mail", "post", "kontor", "office", "salg", "sales", "hello", "hej", "support",
    "admin", "reception",
))  # fmt: skip


@dataclass(frozen=True)
class Match:
    """The probability that two records are one person, and the codes of what speaks for it, strongest first."""

    score: float
    why: tuple[str, ...]


def compare(one: Features, other: Features) -> Match:
    """How likely the two are one person, and why; the same in either order."""
    email = _email(one, other)
    if email[1] == "similar_email" and _strangers(one, other) and _strangers(other, one):
        email = (0.0, "")  # bo.hansen@ and per.hansen@ of one company differ by their names, not by a slip
    evidence = [
        email,
        _name(one, other),
        _phone(one, other),
        _company(one, other),
        _birth(one.born, other.born),
        _city(one.city, other.city),
    ]
    if one.generation and other.generation and one.generation != other.generation:
        evidence.append((GENERATION, ""))
    bits = PRIOR + sum(weight for weight, _ in evidence)
    why = dict.fromkeys(code for weight, code in sorted(evidence, key=lambda e: -e[0]) if code)
    return Match(1 / (1 + 2.0**-bits), tuple(why))


def _strangers(one: Features, other: Features) -> bool:
    firsts, seconds = one.first, (*other.first, *other.last)
    return bool(firsts and other.first) and not any(word_similarity(a, b) > 0.6 for a in firsts for b in seconds)


@lru_cache(maxsize=65536)
def word_similarity(one: str, other: str) -> float:
    """1 for equal words, above 0.7 for a slip of the keyboard, under 0.6 for different ones.

    A slip is one letter wrong, missing, added or swapped in a word of four, two in eight, or jumbled letters.
    """
    if one == other:
        return 1.0
    longer, shorter = max(len(one), len(other)), min(len(one), len(other))
    distance = OSA.distance(one, other)
    if shorter >= 3 and longer >= 4 and distance <= (2 if longer >= 8 else 1):
        return 1 - min(distance / longer, 0.25)
    if shorter >= 4 and sorted(one) == sorted(other):
        return 0.75
    return min(0.6, 1 - distance / longer)


def _part(one: tuple[str, ...], other: tuple[str, ...], differ: float) -> float:
    """The weight of two first names, or of two last names, that are both known."""
    if "".join(one) == "".join(other):
        return SAME_PART
    if set(one) <= set(other) or set(other) <= set(one):
        return CONTAINED
    if word_similarity("".join(one), "".join(other)) > 0.7:
        return NEAR
    pairs = [(a, b) for a in one for b in other]
    if len(one) != len(other) and max(word_similarity(a, b) for a, b in pairs) > 0.7:
        return NEAR - 1
    if len(one) == len(other) > 1 and all(word_similarity(a, b) > 0.7 for a, b in zip(one, other, strict=True)):
        return NEAR
    short, long = sorted((one[0], other[0]), key=len)
    if short.isascii() and long.startswith(short):
        if len(short) == 1:
            return INITIAL
        if len(short) >= 3 and differ == OTHER_FIRST:
            return SHORTENED  # Chris, Christian
    if one[0] == other[0]:
        return BEGUN  # Karen Margrethe, Karen Marie
    return VAGUE if word_similarity("".join(one), "".join(other)) == 0.6 else differ


def _name(one: Features, other: Features) -> tuple[float, str]:
    whole, others = one.first + one.last, other.first + other.last
    if not whole or not others:
        return 0.0, ""
    named = one.named and other.named
    equal = "same_name" if named else "same_email_name"
    alike = "similar_name" if named else "same_email_name"
    if "".join(whole) == "".join(others):
        parts = 2 if (one.first and one.last) or (other.first and other.last) else 1
        return (2 * SAME_PART if parts == 2 else SAME_PART + WHOLE_NAME), equal
    if sorted(whole) == sorted(others):
        return 2 * SAME_PART + SWAPPED, alike
    if min(len(whole), len(others)) > 1 and (set(whole) <= set(others) or set(others) <= set(whole)):
        return 2 * CONTAINED - BEGUN, alike  # a middle name, on either side and in either field
    # both ways round: what a first name forgives and a last name does not must not hang on which of the two is swapped
    turned = max(_both(one, Features(other.last, other.first)), _both(Features(one.last, one.first), other))
    best = max(_both(one, other), turned + SWAPPED)
    return best, alike if best > BEGUN else ""


def _both(one: Features, other: Features) -> float:
    first = _part(one.first, other.first, OTHER_FIRST) if one.first and other.first else 0.0
    last = _part(one.last, other.last, OTHER_LAST) if one.last and other.last else 0.0
    return first + last


def _email(one: Features, other: Features) -> tuple[float, str]:
    if not one.emails or not other.emails:
        return 0.0, ""
    return max((_address(a, b) for a in one.emails for b in other.emails), key=lambda e: e[0])


@lru_cache(maxsize=65536)
def _address(one: str, other: str) -> tuple[float, str]:
    if one == other:
        return SAME_EMAIL, "same_email"
    local, local_other = one.partition("@")[0], other.partition("@")[0]
    if local == local_other and len(local) >= 4 and local not in ROLES:
        near = OSA.normalized_similarity(one, other) >= 0.9
        return (NEAR_EMAIL, "similar_email") if near else (SAME_LOCAL, "same_email_name")
    letters = ["".join(c for c in text if not c.isdigit()) for text in (one, other)]
    # jens1@ and jens2@ are two people; so are mh@ and mb@ of one company, though the addresses differ by a letter
    slip = letters[0] != letters[1] and min(len(local), len(local_other)) >= 5
    if slip and OSA.normalized_similarity(one, other) >= 0.8 and OSA.normalized_similarity(local, local_other) >= 0.7:
        return NEAR_EMAIL, "similar_email"
    return OTHER_EMAIL, ""


def _phone(one: Features, other: Features) -> tuple[float, str]:
    if one.phones & other.phones:
        return SAME_PHONE, "same_phone"
    return (OTHER_PHONE if one.phones and other.phones else 0.0), ""


def _company(one: Features, other: Features) -> tuple[float, str]:
    if not one.company or not other.company:
        return 0.0, ""
    inside = set(one.company) <= set(other.company) or set(other.company) <= set(one.company)
    if inside or word_similarity("".join(one.company), "".join(other.company)) > 0.7:
        return SAME_COMPANY, "same_company"
    return OTHER_COMPANY, ""


@lru_cache(maxsize=65536)
def _birth(one: str, other: str) -> tuple[float, str]:
    if not one or not other:
        return 0.0, ""
    if one == other:
        return SAME_BIRTH, "same_birthday"
    parts, others = one.split("-"), other.split("-")
    if len(parts) != 3 or len(others) != 3:
        return 0.0, ""  # in two notations, which are not compared
    if sum(a == b for a, b in zip(parts, others, strict=True)) == 2 or sorted(parts) == sorted(others):
        return NEAR_BIRTH, "similar_birthday"
    return (BIRTH_YEAR if parts[0] == others[0] else OTHER_BIRTH), ""


def _city(one: str, other: str) -> tuple[float, str]:
    if not one or not other:
        return 0.0, ""
    return (SAME_CITY, "same_city") if word_similarity(one, other) > 0.7 else (OTHER_CITY, "")
