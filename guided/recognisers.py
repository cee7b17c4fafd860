"""Recognisers: what a stretch of text can be by itself, such as a name, a company, a job title or an address."""

import re
from collections.abc import Iterable, Sequence

from crm.domain import PARTICLES, TITLES, fold

from .lexicon import folds_of, lexicon, phrases, word_set

_ZIP_AND_CITY = re.compile(r"(?:[A-Za-z]{1,2}-?)?(\d{4,5}) +(\D{2,60})")
_HOUSE_NUMBER = re.compile(r"\d{1,4} ?[A-Za-z]?")
_MAX_WORDS = 12  # of a company or an address: more is a sentence
_MAX_NAME_WORDS = 7
_EDGES = ' \t\n,;:!?*_"“”„«»|<>()[]{}'


def tidy(text: str) -> str:
    """The text without punctuation and spaces around it, and with single spaces inside."""
    return " ".join(text.strip(_EDGES).lstrip(".").split()).strip(_EDGES)


def tidy_value(text: str) -> str:
    """Like ``tidy``, also without the full stop of a sentence; the one of ``Inc.`` stays."""
    value = tidy(text)
    last = value.rsplit(" ", 1)[-1].lower().rstrip(".")
    return value if last in _legal_forms() or len(last) <= 1 else value.rstrip(".")


def _particles() -> frozenset[str]:
    return PARTICLES | frozenset(lexicon()["names"]["particles"])


def _legal_forms() -> frozenset[str]:
    return frozenset(lexicon()["companies"]["legal_forms"])


def _is_legal_form(word: str) -> bool:
    plain = word.lower().strip(".,")
    if plain not in _legal_forms():
        return False
    return plain not in lexicon()["companies"]["capitalised"] or word[:1].isupper()


def company_end(words: Sequence[str]) -> int:
    """The number of words up to and including a legal form (``A/S``, ``Ltd``); 0 without one."""
    return next((i + 1 for i in range(min(len(words), _MAX_WORDS) - 1, 0, -1) if _is_legal_form(words[i])), 0)


def is_company(text: str) -> bool:
    """Whether the text ends in a legal form."""
    words = text.split()
    return bool(words) and company_end(words) == len(words)


def count_title_words(words: Sequence[str]) -> int:
    """How many of the first words are a job title of the lexicon."""
    folds = [fold(word) for word in words[:6]]
    if not folds or not folds[0]:
        return 0
    found = phrases("titles", "words").at(folds, 0)
    return found[1] if found else int(_is_compound_title(folds[0]))


def _is_compound_title(folded: str) -> bool:
    """``salgschef``, ``projektdirektør``."""
    return any(folded.endswith(ending) and folded != ending for ending in word_set("titles", "endings"))


def is_whole_title(words: Sequence[str]) -> bool:
    """Whether the words are a job title of the lexicon, and nothing more."""
    return bool(words) and count_title_words(words) == len(words)


def is_title(text: str) -> bool:
    """Whether the text reads as a job title: ``CFO``, ``Head of Sales``, ``teknisk salgschef``."""
    words = [w for w in text.split() if fold(w)]
    if not 0 < len(words) <= 8:
        return False
    if count_title_words(words) or fold(words[0]) in word_set("titles", "leads"):
        return True
    return any(is_whole_title(words[i:]) for i in range(1, len(words)))


def singular_title(text: str) -> str | None:
    """The job title of which the text is the plural: ``bogholdere`` -> ``bogholder``; otherwise None."""
    if not text or count_title_words(text.split()) or fold(text) in word_set("titles", "words"):
        return None
    for ending, instead in (("e", ""), ("er", ""), ("r", ""), ("ies", "y"), ("s", "")):
        words = (text.removesuffix(ending) + instead).split()
        if text.endswith(ending) and is_whole_title(words):
            return " ".join(words)
    return None


def is_kind_of_contact(text: str) -> bool:
    """Whether the text names a kind of contact in the plural: ``kunder``, ``bogholdere``."""
    first = text.split()[0] if text.strip() else ""
    return fold(first) in word_set("filters", "plural") or singular_title(first) is not None


def parse_address(text: str) -> dict[str, str]:
    """``8000 Aarhus C`` -> postal code and city; ``Nordlysvej 12`` -> street address; otherwise nothing."""
    found = _ZIP_AND_CITY.fullmatch(text)
    if found:
        return {"zip": found[1], "city": found[2].strip()}
    words = text.split()
    for i in range(1, min(len(words), _MAX_WORDS)):
        street = fold(words[i - 1])
        if street.endswith(tuple(word_set("places", "streets"))) and _HOUSE_NUMBER.fullmatch(words[i]):
            rest = " ".join(words[i + 1 :])
            return {"address": " ".join(words[: i + 1]), **(parse_address(rest) if rest else {})}
    return {}


def is_state(text: str) -> bool:
    """Whether the text only says how somebody or something is (``forkert``, ``married``): not a value of a field."""
    return bool(phrases("statements", "states").whole(folds_of(text)))


def lifecycle_stage(text: str) -> str | None:
    """The lifecycle stage that the text names, or None."""
    folds = folds_of(text)
    value = phrases("options", "lifecyclestage").whole(folds[folds[:1] in (["a"], ["an"], ["en"], ["et"]) :])
    return str(value) if value else None


def _capitalise(word: str) -> str:
    parts = re.split(r"([-'’])", word)
    return "".join(p[:1].upper() + p[1:] if len(p) > 1 or i == 0 else p for i, p in enumerate(parts))


def capitalise_name(name: str) -> str:
    """A name as the user wrote it; one in lower case gets capitals, except for its particles."""
    if name != name.lower() or name == name.upper():
        return name
    particles = _particles()
    return " ".join(w if i and w in particles else _capitalise(w) for i, w in enumerate(name.split()))


def split_name(name: str) -> dict[str, str]:
    """First and last name of a full name; particles and ``Jr.`` belong to the last name."""
    words = [w for w in tidy(name).split() if any(c.isalpha() for c in w)]
    while len(words) > 1 and fold(words[0]) in TITLES | word_set("names", "courtesy_titles"):
        words = words[1:]
    if not words:
        return {}
    parts = capitalise_name(" ".join(words)).split()
    if len(parts) == 1:
        return {"firstname": parts[0]}
    last = _last_name_start(parts)
    return {"firstname": " ".join(parts[:last]), "lastname": " ".join(parts[last:])}


def _last_name_start(parts: Sequence[str]) -> int:
    start = len(parts) - 1
    if fold(parts[start]) in word_set("names", "suffixes") and start > 1:
        start -= 1
    while start > 1 and parts[start - 1].lower() in _particles():
        start -= 1
    return start


def is_name(text: str) -> bool:
    """Whether the text can be the name of a person: a few words with letters, and no ordinary word in small letters."""
    words = text.split()
    if not 0 < len(words) <= _MAX_NAME_WORDS or not any(c.isalpha() for c in text) or any(c.isdigit() for c in text):
        return False
    small = [w for w in words if w == w.lower() and w not in _particles()]
    return not any(is_common_word(w) for w in small)


def is_full_name(text: str) -> bool:
    """Whether the text is the name of a person in two to four words, the first and the last with a capital."""
    words = text.split()
    if not 1 < len(words) <= 4 or not all(w[:1].isupper() for w in (words[0], words[-1])):
        return False
    return is_name(text) and not is_company(text) and not is_title(text)


def is_function_word(word: str) -> bool:
    """Whether the word is a function word or a verb of either language, so not part of a name."""
    folded = fold(word)
    return any(folded in word_set("language", name) for name in ("da", "en", "both"))


def is_common_word(word: str) -> bool:
    """Whether the word is an ordinary one that nobody searches for."""
    return is_function_word(word) or fold(word) in word_set("conversation", "common_words")


def strip_genitive(name: str, known: Iterable[str] = ()) -> str:
    """``Mettes`` -> ``Mette``, ``Jens'`` -> ``Jens``; a name that itself ends in s, or is ``known``, keeps it."""
    text = tidy(name)
    for ending in ("'s", "’s", "'", "’"):
        if text.endswith(ending):
            return text.removesuffix(ending)
    last = text.rsplit(" ", 1)[-1]
    if not last.endswith("s") or len(last) <= 2 or fold(last) in word_set("names", "ending_in_s"):
        return text
    return text if fold(last) in {fold(word) for full in known for word in full.split()} else text[:-1]
