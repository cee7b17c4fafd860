"""The slots of the templates of ``stories.toml``: people, jobs, companies, towns and values, each within one clause."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from crm.domain import PARTICLES, fold, option_names
from language import country_names, is_email, is_family_name, is_given_name, is_ordinary, is_place

from .lexicon import find_label, word_set
from .recognisers import (
    is_company,
    is_function_word,
    is_kind_of_contact,
    is_title,
    is_whole_title,
    lifecycle_stage,
    parse_address,
)
from .slots import is_phone_number, value_of, who_of, whos_of, word_of
from .templates import Grammar, Message, Slot, is_plain, listed_words, longest_stretch, name_of

STORY_FILE = "stories.toml"
_URL = re.compile(r"(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
_LONGEST_ROLE, _LONGEST_WHO = 5, 4
# words that end a job title or a company
_ENDS_ROLE = frozenset(map(fold, (
    "hos", "at", "i", "in", "from", "fra", "ved", "as", "som", "and", "og", "with", "med", "is", "er", "på", "who",
    "der", "now", "nu", "to", "til",
)))  # fmt: skip
_BEHIND = frozenset(("for", "of", "on", "by"))
_JOINING = frozenset(("og", "and", "men", "but", "som", "who", "der", "saa", "so"))  # begin a clause


def says_nothing(word: str, *, first: bool) -> bool:
    small = word == word.lower() or first
    return small and not any(c.isdigit() or c == "@" for c in word) and (is_function_word(word) or is_ordinary(word))


def clauses(message: Message) -> list[int]:
    """The number of the clause in which each word stands."""
    numbers, number = [], 0
    for i, folded in enumerate(message.folds):
        number += is_boundary(message, i) or folded in _JOINING
        numbers.append(number)
    return numbers


def is_boundary(message: Message, i: int) -> bool:
    """Whether a clause ends before word ``i``."""
    if not i:
        return False
    last, between = message.words[i - 1][0], message.before(i)
    full_stop = last.endswith(".") and len(last) > 2  # a shorter one is an initial
    number = between.strip() in ("(", ")") and message.folds[i][:1].isdigit()  # "+1 (212) 555 …"
    return full_stop or (not number and bool(set(between) & set(",;:!?()"))) or last in ("-", "–")


def _within_clause(longest: int, read: Callable[[str, Message], Any]) -> Slot:
    """A slot that takes the longest stretch of words of one clause that can be read."""

    def slot(message: Message, i: int) -> Any:
        end = next((j for j in range(i + 1, len(message.words)) if is_boundary(message, j)), len(message.words))
        yield from longest_stretch(min(longest, end - i), read)(message, i)

    return slot


def _up_to_end(longest: int, read: Callable[[str, Message], Any]) -> Slot:
    """The same, where the stretch goes on to the end of the clause or to a word that is no part of it."""

    def slot(message: Message, i: int) -> Any:
        for n, value in _within_clause(longest, read)(message, i):
            after = message.folds[i + n] if i + n < len(message.words) else ""
            ends = not after or is_boundary(message, i + n) or after in _ENDS_ROLE | _BEHIND or is_function_word(after)
            if ends or find_label(after):
                yield n, value

    return slot


def _alone(message: Message, i: int) -> Any:
    if i in (0, len(message.words)) or is_boundary(message, i):
        yield 0, ""


def _job(text: str, message: Message) -> str | None:
    words, folds = text.split(), [fold(word) for word in text.split()]
    plain = [word for word in words if fold(word) not in ("of", "for")]
    if (
        any(is_function_word(word) for word in plain)
        or set(folds) & _ENDS_ROLE
        or lifecycle_stage(text)
        or find_label(fold(text))
    ):
        return None
    of = [n for n, word in enumerate(folds) if word in ("of", "for")]
    if any(not n or folds[n - 1] not in word_set("titles", "leads") for n in of):
        return None
    return text if is_title(text) else None


def _role(text: str, message: Message) -> str | None:
    folds = {fold(word) for word in text.split()}
    if folds & _ENDS_ROLE or is_kind_of_contact(text) or lifecycle_stage(text):
        return None
    return text if any(map(str.isalpha, text)) else None


def _firm(text: str, message: Message) -> str | None:
    words = text.split()
    capital = all(_is_capital(words, n) for n in range(len(words)))
    town = len(words) == 1 and (is_place(text) or bool(country_names(text)))
    person = is_given_name(words[0]) and not is_company(text)
    person = person and (is_family_name(words[-1]) or not is_ordinary(words[-1]))
    return text if capital and not town and not person and not is_whole_title(words) else None


def _is_capital(words: Sequence[str], n: int) -> bool:
    """Whether the word has a capital, or joins two that have one: "Ek & Søn"."""
    beside = [*words[n - 1 : n], *words[n + 1 : n + 2]]
    joins = fold(words[n]) in ("", "og", "and", "of") and len(beside) == 2
    return words[n][:1].isupper() or (joins and all(word[:1].isupper() for word in beside))


def _employer(text: str, message: Message) -> str | None:
    words = text.split()
    if words[0][:1].isupper() and not all(_is_capital(words, n) for n in range(len(words))):
        return None
    ends = [n for n, word in enumerate(words) if fold(word) in _ENDS_ROLE or find_label(fold(word))]
    if any(not _is_capital(words, n) for n in ends) or is_function_word(words[0].lower()):
        return None
    return text if any(map(str.isalpha, text)) else None


def _small(text: str, message: Message) -> str | None:
    """A company in a message without capitals."""
    return _employer(text, message) if message.text == message.text.lower() and not is_plain(text) else None


def _town(text: str, message: Message) -> str | None:
    if fold(text) in listed_words(STORY_FILE, "words", "around"):
        return None  # "Friday"
    known = is_place(text) or bool(country_names(text))
    return text if known or all(word[:1].isupper() for word in text.split()) else None


def _email(text: str, message: Message) -> str | None:
    return text if is_email(text) else None


def _plain(text: str, message: Message) -> str | None:
    """A value that cannot be anything else: an address, a number, or words with capitals."""
    if "@" in text or is_phone_number(text) or all(word[:1].isupper() for word in text.split()):
        return value_of(text, message)
    return None


def _url(text: str, message: Message) -> str | None:
    return text if _URL.fullmatch(text.casefold()) else None


def _status(text: str, message: Message) -> str | None:
    """A lead status of HubSpot's own list, in either language."""
    listed = option_names("hs_lead_status")
    return text if fold(text) in {fold(name) for value in listed for name in (value, *listed[value])} else None


def _alone_firm(text: str, message: Message) -> str | None:
    return _firm(text, message) if len(text.split()) > 1 or is_company(text) else None


def _alone_town(text: str, message: Message) -> str | None:
    other = is_given_name(text.split()[0]) or is_title(text) or text == text.upper()
    return _town(text, message) if is_place(text) or not other else None


def _postal(text: str, message: Message) -> str | None:
    """A postal code and its town."""
    return text if "zip" in parse_address(text) else None


def _phone(text: str, message: Message) -> str | None:
    return text if is_phone_number(text) else None


def _who(text: str, message: Message) -> str | None:
    """An email or a name; in a name that begins with a capital, every word has one."""
    found = who_of(text, message)
    if not found or "@" in found:
        return found
    words = found.split()
    if words[0][:1].isupper():
        fits_all = all(w[:1].isupper() or fold(w) in PARTICLES for w in words)
    else:
        fits_all = is_given_name(words[0]) and not any(is_plain(w) and not is_family_name(w) for w in words[1:])
    return None if not fits_all or is_title(found) or is_company(found) else found


def _whos(text: str, message: Message) -> str | None:
    found = whos_of(text, message)
    return _who(found, message) if found else None


STORIES = Grammar(
    {
        "WHO": _within_clause(_LONGEST_WHO, _who),
        "JOB": _up_to_end(_LONGEST_ROLE, _job),
        "ROLE": _up_to_end(_LONGEST_ROLE, _role),
        "FIRM": _within_clause(_LONGEST_ROLE, _firm),
        "SMALL": _within_clause(3, _small),
        "NAME": _within_clause(4, name_of),
        "EMPLOYER": _within_clause(_LONGEST_ROLE, _employer),
        "TOWN": _within_clause(3, _town),
        "ALONEFIRM": _within_clause(_LONGEST_ROLE, _alone_firm),
        "ALONETOWN": _within_clause(2, _alone_town),
        "POSTAL": _within_clause(4, _postal),
        "URL": _within_clause(1, _url),
        "STATUS": _within_clause(3, _status),
        "EMAIL": _within_clause(1, _email),
        "PHONE": _within_clause(6, _phone),
        "WHOS": _within_clause(_LONGEST_WHO, _whos),
        "PLAIN": _up_to_end(6, _plain),
        "WORDS": _up_to_end(6, value_of),
        "ALONE": _alone,
        **{
            name: word_of(STORY_FILE, name)
            for name in ("PRON", "CREATE", "PUT", "SET", "TO", "CLEAR", "IN", "SYSTEM", "CHANGE")
        },
    }
)
