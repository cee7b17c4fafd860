"""Names as people spell them: normalised for a comparison, and turned into patterns for HubSpot's search.

``key`` gives all spellings of a word one text (Søren, Soeren, Soren, Sören: ``soren``); two names are compared by it.
HubSpot's index is not known to normalise anything (not verified), so a search asks for the ``variants`` of a word, or
for the part of it that is the same in all spellings.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

# small words of a name: dropped in a comparison, unless the name consists of nothing else
PARTICLES = frozenset((
    "van", "von", "der", "den", "de", "la", "le", "du", "da", "di", "dos", "af", "av", "al", "el", "ter", "ten",
    "zu", "bin", "ibn",
))  # fmt: skip
TITLES = frozenset(("mr", "mrs", "ms", "dr", "hr", "fru", "frk", "prof"))
GENERATIONS = frozenset(("jr", "sr", "junior", "senior", "ii", "iii"))
# of companies: dropped where names are compared
LEGAL_FORMS = frozenset((
    "as", "aps", "is", "ivs", "ks", "ps", "amba", "gmbh", "ag", "kg", "ab", "oy", "bv", "nv", "ltd", "limited",
    "llc", "inc", "plc", "sa", "sl", "srl", "co", "corp",
))  # fmt: skip

_PLAIN = str.maketrans({
    "æ": "a", "ø": "o", "å": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    **dict.fromkeys("'’`´ʼ", None),
})  # fmt: skip
_SPELLINGS = (
    ("aa", "å", "a"), ("ae", "æ", "ä"), ("oe", "ø", "ö", "o"), ("ue", "ü", "u"), ("å", "aa", "a"),
    ("æ", "ae", "ä"), ("ø", "oe", "o", "ö"), ("ä", "ae", "æ", "a"), ("ö", "oe", "ø", "o"), ("ü", "ue", "u"),
    ("ß", "ss"),
)  # fmt: skip
_BY_LETTER = {first: (first, *others) for first, *others in _SPELLINGS}
_MAY_BE = {"a": ("å", "aa"), "o": ("ø", "oe")}  # typed on a keyboard without Danish letters
_UNIT = re.compile(r"aa|ae|oe|ue|.", re.DOTALL)
_UNSAFE = re.compile(r"a[ae]|[ou]e|[^a-z0-9]")


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """The text for a comparison: one spelling of æ/ae/ä, ø/oe/o/ö and å/aa/a, no accents, only letters and digits.

    >>> key("Jørgensen") == key("Joergensen") == key("Jörgensen") == key("jorgensen")
    True
    """
    composed = unicodedata.normalize("NFC", text).casefold().translate(_PLAIN)
    plain = "".join(c for c in unicodedata.normalize("NFKD", composed) if c.isalnum())
    return re.sub(r"ue+", "u", re.sub(r"oe+", "o", re.sub(r"a[ae]+", "a", plain)))


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, each as its ``key``: a hyphen separates words, an apostrophe does not."""
    joined = re.sub(r"['’`´ʼ]", "", unicodedata.normalize("NFC", text))
    return tuple(k for part in re.split(r"[\W_]+", joined) if (k := key(part)))


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name without titles and particles; those stay where no other word is left."""
    found = words(text)
    for dropped in (TITLES | GENERATIONS, PARTICLES):
        found = tuple(word for word in found if word not in dropped) or found
    return found


def written(text: str) -> list[str]:
    """The words of a name for a search: as they are written, in lower case, without titles and particles."""
    parts = [part for part in re.split(r"[\W_]+", unicodedata.normalize("NFC", text).lower()) if part]
    return [part for part in parts if key(part) not in PARTICLES | TITLES | GENERATIONS] or parts


def variants(text: str) -> list[str]:
    """Up to 50 spellings of a text in lower case: the text itself first, then the likeliest ones."""
    lower = " ".join(unicodedata.normalize("NFC", text).lower().split())
    units = [_options(unit) for unit in _UNIT.findall(lower)]
    spelled = sorted(islice(product(*units), 4096), key=lambda parts: sum(cost for _, cost in parts))
    spaced = [lower.replace("-", " ")] if "-" in lower else []
    return list(dict.fromkeys((lower, *spaced, *("".join(part for part, _ in parts) for parts in spelled))))[:50]


def _options(unit: str) -> tuple[tuple[str, int], ...]:
    """The ways to write a letter, each with its cost: the higher, the less likely."""
    if unit in _BY_LETTER:
        return tuple((other, int(other != unit)) for other in _BY_LETTER[unit])
    return (
        (unit, 0),
        *((other, 3) for other in _MAY_BE.get(unit, ())),
        *((k, 1) for k in [key(unit)] if k not in ("", unit)),
    )


def respelled(word: str) -> bool:
    """Whether the word has letters that people spell in several ways: Møller and Aarhus do, Hansen does not."""
    return any(unit in _BY_LETTER or key(unit) not in ("", unit) for unit in _UNIT.findall(word.lower()))


def safe_part(word: str, start: int = 0, end: int | None = None) -> str:
    """A search pattern (``*``: any letters) for the longest part of ``word[start:end]`` that has only one spelling.

    It is the whole word where every letter has one spelling, and "" where none has.
    """
    stop = len(word) if end is None else end
    unsafe = {i for match in _UNSAFE.finditer(word) for i in range(*match.span())}
    runs = [(start, start)]
    for i in range(start, stop):
        if i in unsafe:
            runs.append((i + 1, i + 1))
        else:
            runs[-1] = (runs[-1][0], i + 1)
    first, last = max(runs, key=lambda run: run[1] - run[0])
    if first == last:
        return ""
    return f"{'*' if first else ''}{word[first:last]}{'*' if last < len(word) else ''}"
