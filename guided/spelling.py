"""Corrects typing errors in the words by which a message asks for something: "tilfj", "opdater kontkaten", "emial".

Only a word that neither language knows, and that is nobody's name, can be one; names, values and ordinary words stay.
"""

import re
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from crm.domain import field_names, fold
from language import is_family_name, is_given_name, is_ordinary

from .lexicon import lexicon, word_set

_WORD = re.compile(r"(?<![\w@.\-/])[^\W\d_]{4,}(?![\w@\-/]|\.\w)")
_DEFINITE = ("en", "et", "n", "t")  # of a Danish noun
_LONG = 8  # letters of a word in which two errors may be
_COMMAND_VERBS = ("search", "create", "add", "update", "rename", "delete")


def corrected(text: str) -> str:
    """The text with its misspelt command words, names of fields and words for contacts as they are spelt."""
    return _WORD.sub(lambda found: _corrected(found.group(), first=found.start() == 0), text)


@lru_cache(maxsize=4096)
def _corrected(word: str, *, first: bool) -> str:
    capital = word[:1].isupper()
    if (capital and not first) or word.lower() in _words() or _is_known(word):
        return word
    distances = {known: slips for known in _words() if (slips := _slips(word.lower(), known))}
    near = [known for known, slips in distances.items() if slips == min(distances.values())]
    return near[0] if len(near) == 1 else word


def _is_known(word: str) -> bool:
    if any(fold(word) in word_set("language", name) for name in ("da", "en")):
        return True
    return is_given_name(word) or is_family_name(word) or is_ordinary(word)


def _slips(word: str, known: str) -> int:
    """How many slips of the fingers lie between the words, one or in long words two; 0 where it is none or more: a
    first letter is rarely wrong.
    """
    most = 2 if len(known) >= _LONG else 1
    if word[0] != known[0] or abs(len(word) - len(known)) > most:
        return 0
    slips = OSA.distance(word, known, score_cutoff=most)
    return slips if slips <= most else 0


@cache
def _words() -> frozenset[str]:
    lists = [lexicon()["verbs"][group] for group in _COMMAND_VERBS]
    lists += [*(lexicon()["fillers"][name] for name in ("nouns", "polite")), lexicon()["pronouns"]["object"]]
    lists += [*lexicon()["labels"].values(), *lexicon()["options"]["lifecyclestage"].values()]
    lists += [words for by_language in field_names().values() for words in by_language.values()]
    words = {word for listed in lists for phrase in listed for word in phrase.lower().split() if len(word) > 3}
    fields = {word for by_language in field_names().values() for word in by_language["da"]}
    return frozenset(words | {f"{word.lower()}{ending}" for word in fields if " " not in word for ending in _DEFINITE})
