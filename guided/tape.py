"""The tokens of a message with the pieces read so far: the base of the reader."""

from dataclasses import dataclass
from functools import cache

from .lexicon import Phrases, words
from .text import tokens

_MONTHS = {
    *("jan", "feb", "mar", "apr", "maj", "may", "jun", "jul", "aug", "sep", "okt", "oct", "nov", "dec"),
    *("januar", "january", "februar", "february", "marts", "march", "april", "juni", "june", "juli", "july"),
    *("august", "sept", "september", "oktober", "october", "november", "december"),
}
_SEPARATORS = set(",;|•·*<>()[]{}!?…¡¿\t")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«"}


@dataclass(frozen=True)
class Piece:
    """``kind`` is verb, label, pick, person, text, email, phone, url, domain, sep, or a role such as to, of, from.

    ``value`` holds the group of a verb, the property of a label, the number of a pick (-1: the last).
    """

    kind: str
    start: int
    end: int
    value: str = ""
    known: bool = True
    colon: bool = False
    capital: bool = False


@cache
def roles() -> Phrases:
    """The small words and what they do in a sentence."""
    data = words()
    entries: list[tuple[str, tuple[str, str]]] = []
    for kind in ("correction",):
        entries += [(word, ("filler", kind)) for word in data["fillers"][kind]]
    for kind in ("polite", "nouns", "articles"):
        entries += [(word, ("filler", kind)) for word in data["fillers"][kind]]
    for kind, listed in data["connectors"].items():
        entries += [(word, ("label", "name") if kind == "name" else (kind, "")) for word in listed]
    for group in ("new", "now", "former"):
        entries += [(word, (group, "")) for word in data["statements"][group]]
    entries += [(word, ("change", "")) for word in data["statements"]["change"]]
    entries += [(word, ("change", "move")) for word in data["statements"]["move_to"]]
    entries += [(word, ("change", "moved")) for word in data["statements"]["moved_to"]]
    entries += [(word, ("person", "subject")) for word in data["people"]["subject"]]
    entries += [(word, ("person", "object")) for word in data["people"]["object"]]
    entries += [(word, ("person", "possessive")) for word in data["people"]["possessive"]]
    return Phrases(dict(entries).items())


class Tape:
    """The tokens, the pieces so far, and how signs and plain text become pieces."""

    def __init__(self, text: str, region: str) -> None:
        self.text = text
        self.tokens = tokens(text, region)
        self.folds = [
            t.folded if t.kind == "word" and not set("/,") & set(t.text) else f"\0{t.text}" for t in self.tokens
        ]
        letters = [c for c in text if c.isalpha()]
        self.shouting = bool(letters) and all(c.isupper() or c.lower() == c.upper() for c in letters)
        self.pieces: list[Piece] = []
        self._verbs = 0
        self.asked = "?" in text

    def _sign(self, i: int) -> int:
        token = self.tokens[i]
        close = _QUOTES.get(token.text)
        if close:
            for j in range(i + 1, min(i + 40, len(self.tokens))):
                if self.tokens[j].text == close and j > i + 1:
                    self._add("text", i + 1, j - i - 1, value="quoted")
                    return j - i + 1
            return 1
        if token.text == "," and self._before_year(i):
            return self._text(i, 1)
        if token.text in _SEPARATORS:
            return self._add("sep", i, 1)
        if token.text in "-–—/" and not token.glued:
            return self._add("sep", i, 1)
        if token.text == "." and self._ends_sentence(i):
            return self._add("sep", i, 1)
        if token.text in ":=":
            return self._add("is", i, 1)
        if token.text in "'’":
            return self._add("genitive", i, 1) if token.glued else 1
        if token.text == "#" and self._is_word(i + 1) and self.folds[i + 1].isdigit() and len(self.folds[i + 1]) < 3:
            return self._add("pick", i, 2, value=str(int(self.folds[i + 1])))
        if token.text in "&+/" and self._is_word(i + 1):
            return self._text(i, 1)
        return 1

    def _ends_sentence(self, i: int) -> bool:
        before = self.tokens[i - 1] if i else None
        after = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
        return (
            before is not None and len(before.text) > 3 and (after is None or not after.glued) and before.kind != "sign"
        )

    def _before_year(self, i: int) -> bool:
        """Whether the comma is the one of ``May 3, 2026``."""
        if i < 2 or not self._is_word(i + 1) or not self.pieces or self.pieces[-1].kind != "text":
            return False
        month, day, year = self.folds[i - 2], self.folds[i - 1], self.tokens[i + 1].text
        return month in _MONTHS and day.isdigit() and len(day) < 3 and year.isdigit() and len(year) == 4

    def _add(self, kind: str, i: int, n: int, value: str = "", known: bool = True, colon: bool = False) -> int:
        first, last = self.tokens[i], self.tokens[i + n - 1]
        self.pieces.append(Piece(kind, first.start, last.end, value, known, colon, first.capital and not self.shouting))
        return n

    def _text(self, i: int, n: int) -> int:
        before = self.pieces[-1] if self.pieces else None
        token, last = self.tokens[i], self.tokens[i + n - 1]
        between = self.text[before.end : token.start] if before else ""
        if before and before.kind == "text" and before.value != "quoted" and not set(between) & {"'", "’"}:
            self.pieces[-1] = Piece("text", before.start, last.end, before.value, True, False, before.capital)
            return n
        return self._add("text", i, n)

    def _is_word(self, i: int) -> bool:
        return i < len(self.tokens) and self.tokens[i].kind == "word"

    def _edge(self) -> bool:
        return not self.pieces or self.pieces[-1].kind not in ("text", "email", "phone", "url")

    def _inside_name(self, i: int) -> bool:
        """Whether a small word is written as part of a name: a capital between or after capitals."""
        token = self.tokens[i]
        if self.shouting or not token.capital or not self.pieces:
            return False
        before = self.pieces[-1]
        next_capital = self._is_word(i + 1) and self.tokens[i + 1].capital
        return before.kind == "text" and (before.capital or next_capital)
