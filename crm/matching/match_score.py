"""How likely two records are one person, from what they have in common and what sets them apart.

Fellegi and Sunter's model: each piece of evidence adds the logarithm (base 2) of how much more often it is seen
between two records of one person than between two people. The weights are estimates of how names, numbers and
addresses are shared and mistyped (``docs/decisions/0006-likeness.md``), not fitted to any data of ours.
"""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from crm.matching.features import Features

ASK = 0.1  # the user is asked from this probability on: a question costs a click, a duplicate costs hours
# two records are one person once in 500, as a search or a file has already brought them together
PRIOR = -9.0
SLIP = 0.7  # two words of a higher similarity are one word with a typing error

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
    """The probability that two records are one person, and codes for the evidence of it, the strongest first."""

    score: float
    why: tuple[str, ...]


def compare(one: Features, other: Features) -> Match:
    """How likely the two are one person, and why; the same in either order."""
    email = _email(one, other)
    if email[1] == "similar_email" and _different_first(one, other) and _different_first(other, one):
        email = (0.0, "")  # bo.hansen@ and per.hansen@ of one company are two people, not a typing error
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


def _different_first(one: Features, other: Features) -> bool:
    """Whether both first names are known and no first name of one is similar to any name of the other."""
    if not one.first or not other.first:
        return False
    return not any(word_similarity(a, b) > 0.6 for a in one.first for b in other.name)


@lru_cache(maxsize=65536)
def word_similarity(one: str, other: str) -> float:
    """1 for equal words, above ``SLIP`` for a typing error, at most 0.6 for different words.

    A typing error is one wrong, missing, added or swapped letter in a word of at least four letters, two in one of
    at least eight, or the same letters in another order.
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


def _is_slip(one: str, other: str) -> bool:
    return word_similarity(one, other) > SLIP


def _within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether all words of one of the two are among those of the other."""
    return set(one) <= set(other) or set(other) <= set(one)


def _part(one: tuple[str, ...], other: tuple[str, ...], differ: float) -> float:
    """The weight of two known first names, or of two known last names; ``differ``: what different ones weigh."""
    joined, joined_other = "".join(one), "".join(other)
    if joined == joined_other:
        return SAME_PART
    if _within(one, other):
        return CONTAINED
    if _is_slip(joined, joined_other):
        return NEAR
    if partial := _slips(one, other) or _abbreviation(one[0], other[0], differ):
        return partial
    if one[0] == other[0]:
        return BEGUN  # Karen Margrethe, Karen Marie
    return VAGUE if word_similarity(joined, joined_other) == 0.6 else differ


def _slips(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """The weight of words that are the other name's with typing errors; 0 where they are not."""
    if len(one) != len(other):
        return NEAR - 1 if any(_is_slip(a, b) for a in one for b in other) else 0.0
    return NEAR if len(one) > 1 and all(map(_is_slip, one, other)) else 0.0


def _abbreviation(one: str, other: str, differ: float) -> float:
    """The weight of a name that the other one begins with: an initial, or "Chris" for "Christian"; 0 otherwise."""
    short, long = sorted((one, other), key=len)
    if not short.isascii() or not long.startswith(short):
        return 0.0
    if len(short) == 1:
        return INITIAL
    return SHORTENED if len(short) >= 3 and differ == OTHER_FIRST else 0.0


def _name(one: Features, other: Features) -> tuple[float, str]:
    if not one.name or not other.name:
        return 0.0, ""
    equal, alike = ("same_name", "similar_name") if one.named and other.named else ("same_email_name",) * 2
    if "".join(one.name) == "".join(other.name):
        complete = one.has_both_names or other.has_both_names
        return (2 * SAME_PART if complete else SAME_PART + WHOLE_NAME), equal
    if sorted(one.name) == sorted(other.name):
        return 2 * SAME_PART + SWAPPED, alike
    if min(len(one.name), len(other.name)) > 1 and _within(one.name, other.name):
        return 2 * CONTAINED - BEGUN, alike  # a middle name, on either side and in either field
    # either of the two may be the swapped one; both are tried, as first and last names are not weighed alike
    swapped = max(_both(one, Features(other.last, other.first)), _both(Features(one.last, one.first), other))
    best = max(_both(one, other), swapped + SWAPPED)
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
    # jens1@ and jens2@ are two people, and so are mh@ and mb@ of one company
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
    if _within(one.company, other.company) or _is_slip("".join(one.company), "".join(other.company)):
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
        return 0.0, ""  # dates in different notations are not compared
    if sum(a == b for a, b in zip(parts, others, strict=True)) == 2 or sorted(parts) == sorted(others):
        return NEAR_BIRTH, "similar_birthday"
    return (BIRTH_YEAR if parts[0] == others[0] else OTHER_BIRTH), ""


def _city(one: str, other: str) -> tuple[float, str]:
    if not one or not other:
        return 0.0, ""
    return (SAME_CITY, "same_city") if _is_slip(one, other) else (OTHER_CITY, "")
