"""Fuzzy search: how similar a text is to a contact, and the filter groups that find similar contacts in HubSpot."""

from collections.abc import Iterator, Sequence

from crm.domain import Contact, key, safe_part, variants, words, written
from crm.hubspot import MOST_FILTERS, MOST_GROUPS, MOST_IN_GROUP, Filter, Group, one_of, token
from crm.matching import word_similarity

NEARLY = 0.7  # from this similarity on, a word is another one with a typing error
_UNASKED = 0.001  # for each word of the name that is not in the text: Mette Hansen before Mette Marie Hansen


def closeness(text: str, contact: Contact) -> float:
    """How similar the text is to the contact: 2 for its exact name, 1.9 for another spelling, above 0.7 for a typo.

    Every word of the text must be similar to a word of the name, company, email or title, else the least similar word
    decides.
    """
    p = contact.properties
    if text.casefold() == contact.name.casefold():
        return 2.0
    if key(text) == key(contact.name):
        return 1.9
    names = words(contact.name)
    beside = [w for name in ("company", "email", "jobtitle", "hs_additional_emails") for w in words(p.get(name) or "")]
    asked = words(text)
    if not asked:
        return 0.0
    marks = [max(_near(word, names), 0.98 * _near(word, beside)) for word in asked]
    best = min(marks) if min(marks) < NEARLY else sum(marks) / len(marks)
    if len(asked) > 1:  # Jens Peter is also written Jenspeter
        best = max(best, 0.98 * _near("".join(asked), [*names, "".join(names)]))
    return best - len(set(names) - set(asked)) * _UNASKED


def _near(word: str, others: Sequence[str]) -> float:
    """1 for one of the words, a little less for the beginning of one, above 0.7 for one with a typing error."""
    begins = 0.97 if len(word) > 1 and any(other.startswith(word) for other in others) else 0.0
    alike = max((word_similarity(word, other) for other in others), default=0.0)
    return max(begins, alike if alike == 1 else 0.97 * alike)


def spelled_so(value: str | None, wanted: str) -> bool:
    """Whether all words of ``wanted`` stand in the value, in any spelling; so it is for a value that is not known."""
    known = words(value or "")
    return value is None or all(any(w.startswith(part) for w in known) for part in words(wanted))


def nearly_groups(text: str, *, room: int) -> list[Group]:
    """Filter groups for contacts with words similar to the text's; ``room``: how many filters join each group.

    Empty where HubSpot would not take so many filters together.
    """
    parts = [part for part in written(text) if key(part)]
    if not parts:
        return []
    found = list(_one(parts[0]) if len(parts) == 1 else _two(*parts) if len(parts) == 2 else _several(parts))
    widest = max(map(len, found)) + room
    return found[: min(MOST_GROUPS, MOST_FILTERS // widest)] if widest <= MOST_IN_GROUP else []


def _one(word: str) -> Iterator[Group]:
    part = safe_part(word)
    if part and part != word:  # some letters have several spellings: all of them share the part
        yield [token("lastname", part)]
        yield [token("firstname", part)]
        yield [one_of("lastname", variants(word))]
        yield [one_of("firstname", variants(word))]
        yield [token("company", part)]
        return
    yield [_head("lastname", word)]
    yield [_head("firstname", word)]
    yield [_tail("lastname", word)]
    yield [_tail("firstname", word)]
    yield [_head("company", word)]


def _two(one: str, other: str) -> Iterator[Group]:
    yield [_head("firstname", one), _head("lastname", other)]
    yield [_tail("firstname", one), _tail("lastname", other)]
    yield [one_of("firstname", variants(one)), one_of("lastname", variants(other))]
    yield [_head("firstname", other), _head("lastname", one)]
    yield [_head("firstname", one), _head("company", other)]


def _several(parts: list[str]) -> Iterator[Group]:
    a, b, c = parts[0], parts[1], parts[-1]
    for first, last in ((a, b), (a, c), (c, a), (b, a), (b, c)):
        yield [_head("firstname", first, 2), _head("lastname", last, 2)]


def _head(name: str, word: str, most: int = 20) -> Filter:
    part = safe_part(word, 0, min(most, (len(word) + 1) // 2))
    return token(name, part if part.endswith("*") else f"{part}*") if part else one_of(name, variants(word))


def _tail(name: str, word: str) -> Filter:
    part = safe_part(word, len(word) - max(len(word) // 2, 1))
    return token(name, part if part.startswith("*") else f"*{part}") if part else one_of(name, variants(word))
