"""What a stretch of text can be by itself: a name, a company, a job title, an address."""

import re
from collections.abc import Iterable

from crm.domain import fold

from .lexicon import phrases, single, words

_ZIP = re.compile(r"(?:[A-Za-z]{1,2}-?)?(\d{4,5}) +(\D{2,60})")
_HOUSE = re.compile(r"\d{1,4} ?[A-Za-z]?")
_LONGEST = 12  # words of a name, a company or a title: more is a sentence
_JUNIOR = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d."}
_TRIM = ' \t\n,;:!?*_"“”„«»|<>()[]{}'


def tidy(text: str) -> str:
    """The text without signs and spaces around it, and with single spaces inside."""
    return " ".join(text.strip(_TRIM).lstrip(".").split()).strip(_TRIM)


def tidy_value(text: str) -> str:
    """Like ``tidy``, also without a full stop that ends a sentence, but keeping the one of ``Inc.``"""
    value = tidy(text)
    last = value.rsplit(" ", 1)[-1].lower().rstrip(".")
    return value if last in _suffixes() or len(last) <= 1 else value.rstrip(".")


def _suffixes() -> frozenset[str]:
    return frozenset(words()["companies"]["suffixes"])


def _is_suffix(word: str) -> bool:
    plain = word.lower().strip(".,")
    if plain not in _suffixes():
        return False
    return plain not in words()["companies"]["careful"] or word[:1].isupper()


def company_end(listed: list[str]) -> int:
    """The number of words up to and with the one that marks a company (``A/S``, ``Ltd``); 0 without."""
    for i in range(min(len(listed), _LONGEST) - 1, 0, -1):
        if _is_suffix(listed[i]):
            return i + 1
    return 0


def is_company(text: str) -> bool:
    """Whether the text ends in the kind of a company."""
    listed = text.split()
    return bool(listed) and company_end(listed) == len(listed)


def title_words(listed: list[str]) -> int:
    """How many of the first words are a job title from the lexicon."""
    folds = [fold(word) for word in listed[:6]]
    if not folds or not folds[0]:
        return 0
    found = phrases("titles", "words").at(folds, 0)
    if found:
        return found[1]
    return (
        1
        if any(folds[0].endswith(fold(e)) and len(folds[0]) > len(fold(e)) for e in words()["titles"]["endings"])
        else 0
    )


def is_title(text: str) -> bool:
    """Whether the text reads as a job title: ``CFO``, ``Head of Sales``, ``teknisk salgschef``."""
    listed = [w for w in text.split() if fold(w)]
    if not 0 < len(listed) <= 8:
        return False
    if title_words(listed) or fold(listed[0]) in single("titles", "leads"):
        return True
    return any(title_words(listed[i:]) == len(listed) - i for i in range(1, len(listed)))


def singular_title(text: str) -> str | None:
    """The job title whose plural the text is: ``bogholdere`` -> ``bogholder``; otherwise None."""
    if title_words(text.split()) or not text or fold(text) in single("titles", "words"):
        return None
    for ending, instead in (("e", ""), ("er", ""), ("r", ""), ("ies", "y"), ("s", "")):
        listed = (text.removesuffix(ending) + instead).split()
        if text.endswith(ending) and listed and title_words(listed) == len(listed):
            return " ".join(listed)
    return None


def place(text: str) -> dict[str, str]:
    """``8000 Aarhus C`` -> postal code and city; ``Nordlysvej 12`` -> address; otherwise nothing."""
    found = _ZIP.fullmatch(text)
    if found:
        return {"zip": found[1], "city": found[2].strip()}
    listed = text.split()
    for i in range(1, min(len(listed), _LONGEST)):
        street = fold(listed[i - 1])
        if any(street.endswith(s) for s in single("places", "streets")) and _HOUSE.fullmatch(listed[i]):
            rest = " ".join(listed[i + 1 :])
            return {"address": " ".join(listed[: i + 1]), **(place(rest) if rest else {})}
    return {}


def is_state(text: str) -> bool:
    """Whether the text only says how things are (``forkert``, ``married``), so no value of a field."""
    return bool(phrases("statements", "states").whole([f for f in (fold(w) for w in text.split()) if f]))


def option(text: str) -> str | None:
    """The lifecycle stage that the text names, or None."""
    value = phrases("options", "lifecyclestage").whole([f for f in (fold(w) for w in text.split()) if f])
    return str(value) if value else None


def _part(word: str) -> str:
    pieces = re.split(r"([-'’])", word)
    return "".join(p[:1].upper() + p[1:] if len(p) > 1 or i == 0 else p for i, p in enumerate(pieces))


def spell(name: str) -> str:
    """A name as the user wrote it; one in lower case only gets its capitals, particles aside."""
    if name != name.lower() or name == name.upper():
        return name
    particles = words()["names"]["particles"]
    return " ".join(w if i and w in particles else _part(w) for i, w in enumerate(name.split()))


def split_name(name: str) -> dict[str, str]:
    """First and last name of a full name; particles and ``Jr.`` belong to the last name."""
    listed = [w for w in tidy(name).split() if any(c.isalpha() for c in w)]
    while len(listed) > 1 and fold(listed[0]) in single("names", "courtesy"):
        listed = listed[1:]
    if not listed:
        return {}
    spelled = spell(" ".join(listed)).split()
    if len(spelled) == 1:
        return {"firstname": spelled[0]}
    start = len(spelled) - 1
    if spelled[start].lower() in _JUNIOR and start > 1:
        start -= 1
    while start > 1 and spelled[start - 1].lower() in words()["names"]["particles"]:
        start -= 1
    return {"firstname": " ".join(spelled[:start]), "lastname": " ".join(spelled[start:])}


def is_name(text: str) -> bool:
    """Whether the text can be the name of a person: a few words with letters, none of them a small word."""
    listed = text.split()
    if not 0 < len(listed) <= 7 or not any(c.isalpha() for c in text) or any(c.isdigit() for c in text):
        return False
    return not any(w == w.lower() and w not in words()["names"]["particles"] and is_common(w) for w in listed)


def is_small(word: str) -> bool:
    """Whether the word is a function word or a verb of either language, so no part of a name."""
    plain = fold(word)
    return any(plain in single("language", of) for of in ("da", "en", "both"))


def is_common(word: str) -> bool:
    """Whether the word is an ordinary one that nobody is looked for by."""
    return is_small(word) or fold(word) in single("moods", "common")


def ungenitive(name: str, known: Iterable[str] = ()) -> str:
    """``Mettes`` -> ``Mette``, ``Jens'`` -> ``Jens``; names that end in s themselves are kept."""
    text = tidy(name)
    for ending in ("'s", "’s"):
        if text.endswith(ending):
            return text[:-2]
    if text.endswith(("'", "’")):
        return text[:-1]
    last = text.rsplit(" ", 1)[-1]
    if last.endswith("s") and len(last) > 2:
        whole = {fold(word) for full in known for word in full.split()}
        if fold(last) not in single("names", "s_names") and fold(last) not in whole:
            return text[:-1]
    return text
