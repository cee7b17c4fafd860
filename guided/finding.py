"""Reads which contacts are wanted: "kunder i Aarhus uden telefon", "not contacted in three months", "vis flere".

``finding.toml`` holds the templates. What they match is taken out of the message, and the search parser reads the rest;
words that then nothing explains mean that the message is something else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from crm.domain import fold

from .lexicon import word_set
from .search_parser import place_filter, read_search
from .templates import Grammar, Message, TemplateMatch, is_noun, is_plain, listed_words, template_data
from .turn import Call, Say, Step, Turn, call_get_contact
from .undo_requests import history_request, undo_request

_FILE = "finding.toml"
_MOST_CHARACTERS = 1_000
_MOST_WORDS = 40  # of a message that asks for contacts
_RELATIVES = frozenset(("who", "that", "which", "whose", "som", "der"))
_OTHER_VERBS = frozenset(("create", "add", "update", "move", "rename", "clear", "delete"))
_GRAMMAR = Grammar()


@dataclass
class Conditions:
    """What was understood: ``filters`` and ``sort`` for the tool, and the message without it (``rest``).

    ``names_contacts``: what was understood says that contacts are meant, or whose. ``doubled``: two conditions are
    about one property.
    """

    filters: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    rest: str = ""
    names_contacts: bool = False
    doubled: bool = False


@dataclass
class _Template:
    parts: Sequence[Sequence[str]]
    filters: Mapping[str, str]
    sort: str

    @cached_property
    def begins(self) -> frozenset[str]:
        return _GRAMMAR.first_words(self.parts)


_CONTACT_SLOTS = frozenset(("STAGE", "NOUN", "GENITIVE", "PLURAL", "TITLE"))
_KEPT = "NOUN"  # says whom, so that it stays in the message


@cache
def _templates(*kinds: str) -> Sequence[_Template]:
    listed = [(say, entry) for kind in kinds for entry in template_data(_FILE)[kind] for say in entry["say"]]
    return [_Template(_GRAMMAR.parts(say), entry.get("filter", {}), entry.get("sort", "")) for say, entry in listed]


def _words(table: str, name: str) -> frozenset[str]:
    return listed_words(_FILE, table, name)


def _longest(message: Message, i: int, *kinds: str) -> tuple[TemplateMatch, _Template] | None:
    """The longest match of a template at word ``i``."""
    word = message.folds[i] if i < len(message.folds) else ""
    able = (template for template in _templates(*kinds) if not template.begins or word in template.begins)
    firsts = ((next(_GRAMMAR.matches(message, i, t.parts), None), t) for t in able)
    found = [(match, template) for match, template in firsts if match and match.length]
    return max(found, key=lambda pair: pair[0].length, default=None)


def read_conditions(turn: Turn, *kinds: str) -> Conditions:
    """The conditions and the order that a message names; ``kinds``: by which templates, default those of a search."""
    message, found = Message.of(turn.text, turn.region, turn.fields), Conditions()
    stays = [True] * len(message.words)
    i = 0
    while i < len(message.words):
        longest = _longest(message, i, *(kinds or ("condition", "order")))
        if longest is None:
            i += 1
            continue
        match, template = longest
        for name, value in template.filters.items():
            key, wanted = match.values.get(name, name), _filled(value, match.values)
            found.doubled |= found.filters.setdefault(key, wanted) != wanted
        found.sort = _filled(template.sort, match.values) or found.sort
        found.names_contacts |= bool(match.values.keys() & _CONTACT_SLOTS) or "lifecyclestage" in template.filters
        kept = match.spans.get(_KEPT, range(0))
        stays[i : i + match.length] = [n in kept for n in range(i, i + match.length)]
        i += match.length
    found.rest = _without(message, stays)
    return found


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return re.sub("[A-Z]{4,}2?", lambda m: values.get(m[0], m[0]), pattern)


def _without(message: Message, stays: Sequence[bool]) -> str:
    """The text without the words that were understood; its other words keep what stands between them."""
    parts, at = [], 0
    for match, keeps in zip(message.words, stays, strict=True):
        parts.append(message.text[at : match.start()])
        parts.append(match[0] if keeps else "." * match[0].endswith("."))  # which ends a sentence all the same
        at = match.end()
    return " ".join("".join([*parts, message.text[at:]]).split())


def find_by_condition(turn: Turn) -> Step | None:
    """The search for contacts that fulfil conditions, or None where the message names none or is about else."""
    if _is_about_else(turn):
        return None
    if (address := _asked_address(turn)) is not None:
        return _search(address, {}, "")
    message = Message.of(turn.text, turn.region, turn.fields)
    if (one := _longest(message, 0, "detail")) and one[0].length == len(message.words):
        return call_get_contact(one[0].values["NAME"])
    asked = read_conditions(turn, "count").rest
    counts = asked != " ".join(turn.text.split())
    found = read_conditions(turn.with_text(asked))
    rest = turn.with_text(_without_articles(found.rest) or " ")
    lists_all = speaks_of_all(turn)
    if not (found.filters.keys() - {"query"} or found.sort or counts or lists_all) or rest.verb_group in _OTHER_VERBS:
        return None
    return _read_rest(turn, found, rest)


def _read_rest(turn: Turn, found: Conditions, rest: Turn) -> Step | None:
    """The search for the conditions and for what the rest of the message names; None where that is about else."""
    parsed = read_search(rest.text, rest.chunks, turn.known_names)
    said = [word for word in parsed.query.split() if word != word.lower() or not _belongs_to_question(word)]
    query = " ".join(filter(None, (" ".join(said), found.filters.pop("query", ""))))
    places = place_filter(found.filters.pop("city")) if "city" in found.filters else {}
    filters = {**parsed.filters, **found.filters, **places}
    if found.doubled or set(map(fold, found.rest.split())) & _words("asking", "unread"):
        return Say("guided-unclear")  # a "not" or an "or" that nothing has read would turn the search round
    if not _is_explained(rest, [query, *parsed.filters.values()]):
        return None
    if _narrows(turn):
        return _search(*_narrowed(turn.desk["search"], query, filters, found.sort))
    about_contacts = found.names_contacts or found.sort or _says_contacts(found.rest) or _asks_who(turn)
    about_contacts = about_contacts or (not rest.folds and len(filters) > 1)  # "status Open, no phone"
    return _search(query, filters, found.sort) if about_contacts else None


def speaks_of_all(turn: Turn) -> bool:
    """Whether the message is "alle kontakter", "vis samtlige kunder" and nothing more."""
    said = set(turn.folds)
    return bool(said & {"alle", "all", "samtlige"}) and all(map(_belongs_to_question, turn.text.split()))


def speaks_of_many(turn: Turn) -> bool:
    """Whether the message begins with a word for several contacts: "kontakter …", "customers …"."""
    return bool(turn.folds) and (turn.folds[0] in _words("asking", "many"))


def _asked_address(turn: Turn) -> str | None:
    """The number or the email of a message that asks whose it is: "51 72 90 18 ringede, hvem er det?"."""
    addresses = turn.of_kind("phone", "email")
    asks = set(turn.folds) & {"hvem", "who", "whos", "whose"}
    changes = turn.verb_group in _OTHER_VERBS or turn.draft
    return turn.text_of(addresses[0]) if len(addresses) == 1 and asks and not changes else None


def _is_about_else(turn: Turn) -> bool:
    """Whether the message answers a question, is too long for a request, or is about what was changed."""
    too_long = len(turn.text) > _MOST_CHARACTERS or len(turn.folds) > _MOST_WORDS
    return bool(turn.awaiting or too_long or undo_request(turn) or history_request(turn))


def _search(query: str, filters: Mapping[str, str], sort: str) -> Call:
    """The call of the search; where nothing narrows it, all contacts are listed, the oldest first."""
    order = sort or ("" if query or filters else "createdate")
    return Call("search_contacts", {"query": query, "filters": dict(filters), **({"sort": order} if order else {})})


def _without_articles(text: str) -> str:
    """The text without articles, and without the relatives whose clauses were understood."""
    words = [word for word in text.split() if fold(word) not in _words("asking", "articles")]
    return " ".join(word for n, word in enumerate(words) if not n or fold(word) not in _RELATIVES)


def _says_contacts(text: str) -> bool:
    return any(is_noun(word) or fold(word) in _words("asking", "everybody") for word in text.split())


def _asks_who(turn: Turn) -> bool:
    return bool(turn.folds) and turn.folds[0] in ("hvem", "who")


def _narrows(turn: Turn) -> bool:
    """Whether the message speaks of the list that was shown, and names no contacts of its own."""
    if not isinstance(turn.desk.get("search"), Mapping) or any(map(is_noun, turn.text.split())):
        return False
    return bool(set(turn.folds) & {word for phrase in _words("narrowing", "words") for word in phrase.split()})


def _narrowed(
    search: Mapping[str, Any], query: str, filters: Mapping[str, str], sort: str
) -> tuple[str, dict[str, str], str]:
    """The search of the list that was shown, with further conditions."""
    before = search.get("filters")
    held = before if isinstance(before, Mapping) else {}
    return query or str(search.get("query") or ""), {**held, **filters}, sort or str(search.get("sort") or "")


def _is_explained(rest: Turn, taken: Sequence[str]) -> bool:
    """Whether each remaining word is a question word, a word for contacts, or a part of the search."""
    used = {fold(word) for value in taken for word in value.split()}
    return all(_belongs_to_question(word) or (fold(word) in used and not is_plain(word)) for word in rest.text.split())


def _belongs_to_question(word: str) -> bool:
    folded = fold(word)
    asking = ("words", "articles", "numbers")
    if not folded or folded.isdigit() or is_noun(word) or any(folded in _words("asking", name) for name in asking):
        return True
    return any(folded in word_set(*path) for path in (("verbs", "search"), ("verbs", "ask"), ("filters", "places")))


def turn_page(turn: Turn) -> Step | None:
    """The next or the previous page of the list that was shown: "vis flere"."""
    search, said = turn.desk.get("search"), " ".join(turn.folds)
    step = 1 if said in _words("pages", "next") else -1 if said in _words("pages", "previous") else 0
    if not step or not isinstance(search, Mapping):
        return None
    page = int(search.get("page") or 1) + step
    if page < 1 or (step > 0 and not search.get("more")):
        return Say("guided-no-more")
    return Call(
        "search_contacts", {**{k: v for k in ("query", "filters", "sort") if (v := search.get(k))}, "page": page}
    )
