"""Tokens into pieces: what each stretch of a message is, before anyone asks what it is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from crm.fields import fold

from .lexicon import Phrases, label_called, label_like, phrases, single, verb_like, words
from .text import Token, tokens

_SEPARATORS = set(",;|•·*<>()[]{}!?…¡¿\t")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«"}
_HEAD = 14
_FUZZY_LABELS = 60
_TYPED = {"email": "email", "phone": "phone", "mobilephone": "phone", "fax": "phone", "website": "url"}


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
def _roles() -> Phrases:
    data = words()
    entries: list[tuple[str, tuple[str, str]]] = []
    for kind in ("correction",):
        entries += [(word, ("filler", kind)) for word in data["fillers"][kind]]
    for kind in ("polite", "nouns", "articles"):
        entries += [(word, ("filler", kind)) for word in data["fillers"][kind]]
    for kind, listed in data["connectors"].items():
        entries += [(word, ("label", "name") if kind == "name" else (kind, "")) for word in listed]
    for group in ("new", "now"):
        entries += [(word, (group, "")) for word in data["statements"][group]]
    entries += [(word, ("change", "")) for word in data["statements"]["change"]]
    entries += [(word, ("change", "move")) for word in data["statements"]["move_to"]]
    entries += [(word, ("person", "subject")) for word in data["people"]["subject"]]
    entries += [(word, ("person", "object")) for word in data["people"]["object"]]
    entries += [(word, ("person", "possessive")) for word in data["people"]["possessive"]]
    last = {word: role for word, role in entries}
    return Phrases(last.items())


class Reader:
    """Turns one cleaned text into pieces, in one pass from left to right."""

    def __init__(self, text: str, region: str) -> None:
        self.text = text
        self.tokens = tokens(text, region)
        self.folds = [t.folded if t.kind == "word" and "/" not in t.text else f"\0{t.text}" for t in self.tokens]
        letters = [c for c in text if c.isalpha()]
        self.shouting = bool(letters) and all(c.isupper() or c.lower() == c.upper() for c in letters)
        self.pieces: list[Piece] = []
        self._verbs = 0
        self.asked = "?" in text

    def read(self) -> list[Piece]:
        """The pieces of the text."""
        i = 0
        while i < len(self.tokens):
            i += self._one(i)
        return self.pieces

    def _one(self, i: int) -> int:
        token = self.tokens[i]
        if token.kind in ("email", "domain", "phone", "url"):
            return self._add(token.kind, i, 1)
        if token.kind == "break":
            return self._add("sep", i, 1)
        if token.kind == "sign":
            return self._sign(i)
        return self._pick(i) or self._label(i) or self._verb(i) or self._role(i) or self._text(i, 1)

    def _sign(self, i: int) -> int:
        token = self.tokens[i]
        close = _QUOTES.get(token.text)
        if close:
            for j in range(i + 1, min(i + 40, len(self.tokens))):
                if self.tokens[j].text == close and j > i + 1:
                    self._add("text", i + 1, j - i - 1, value="quoted")
                    return j - i + 1
            return 1
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

    def _pick(self, i: int) -> int:
        fold_at = self.folds[i]
        after = self.folds[i + 1] if self._is_word(i + 1) else ""
        after = after[:-1] if after[:-1].isdigit() and after.endswith("s") else after
        if fold_at in single("picks", "before") and after:
            number = after if after.isdigit() else phrases("numbers").whole([after])
            if number and number.isascii() and 0 < int(number) < 100 and len(str(number)) < 3:
                return self._add("pick", i, 2, value=str(int(number)))
        for before in ("nummer", "nr"):
            rest = fold_at.removeprefix(before)
            if rest != fold_at and rest.isdigit() and len(rest) < 3 and rest.isascii():
                return self._add("pick", i, 1, value=str(int(rest)))
        ordinal = phrases("ordinals").whole([fold_at])
        if ordinal and not self._inside_name(i):
            return self._ordinal(i, ordinal)
        if fold_at in single("picks", "determiners") and after and (ordinal := phrases("ordinals").whole([after])):
            return self._ordinal(i + 1, ordinal, 1)
        return 0

    def _ordinal(self, i: int, ordinal: str, before: int = 0) -> int:
        """An ordinal picks from the list where the words beside it say so: "den anden", "second one", "sidste"."""
        found = phrases("picks", "after").at(self.folds, i + 1) if self._is_word(i + 1) else None
        alone = len(self.tokens) == 1 or (i > 0 and self.folds[i - 1] in single("picks", "determiners"))
        if not (found or before or alone):
            return 0
        if self._is_word(i + 1) and not found and label_called(self.folds[i + 1]):
            return 0
        return self._add("pick", i - before, 1 + before + (found[1] if found else 0), value=ordinal)

    def _colon_after(self, i: int) -> int:
        """The number of signs that end in a colon or an equals sign at ``i``, such as ``.:``; 0 without."""
        for n in (0, 1):
            if i + n < len(self.tokens) and self.tokens[i + n].text in (":", "="):
                return n + 1
            if i + n < len(self.tokens) and self.tokens[i + n].text != ".":
                return 0
        return 0

    def _label(self, i: int) -> int:
        if self._inside_name(i) and not self._colon_after(i + 1):
            return 0
        for n in (4, 3, 2, 1):
            if i + n > len(self.tokens) or any(t.kind != "word" and t.text not in ".-" for t in self.tokens[i : i + n]):
                continue
            if self.tokens[i + n - 1].kind != "word":
                continue
            name = "".join(fold(t.text) for t in self.tokens[i : i + n])
            colon = self._colon_after(i + n)
            found = label_called(name)
            if n == 1 and not found and len(self.pieces) < _FUZZY_LABELS and (near := label_like(name)):
                found = (near, "context")
            if n == 1 and not found and colon and (letter := phrases("letters").whole([name])):
                found = (str(letter), "sure")
            if found and (colon or self._counts(i, i + n, *found)):
                dot = i + n < len(self.tokens) and self.tokens[i + n].text == "." and not colon
                self._add("label", i, n, found[0], True, bool(colon))
                return n + (colon or int(dot))
            if not found and colon and self._may_be_label(i, n):
                self._add("label", i, n, self.text[self.tokens[i].start : self.tokens[i + n - 1].end], False, True)
                return n + colon
        return 0

    def _may_be_label(self, i: int, n: int) -> bool:
        """An unknown word before a colon is the user's own name of a field, unless it is a word of ours."""
        if not self._edge() or n > 3 or any(t.text.isdigit() for t in self.tokens[i : i + n]):
            return False
        known = (_roles(), phrases("verbs"))
        return not any(p.at(self.folds, j) for j in range(i, i + n) for p in known) and not self._verbs_like(i, n)

    def _verbs_like(self, i: int, n: int) -> bool:
        return any(verb_like(self.folds[j]) for j in range(i, i + n))

    def _counts(self, i: int, after: int, name: str, grade: str) -> bool:
        """Whether the words around a label without a colon make it one."""
        if grade == "colon":
            return False
        before = self.pieces[-1] if self.pieces else None
        token = self.tokens[after] if after < len(self.tokens) else None
        role = _roles().at(self.folds, after) if token and token.kind == "word" else None
        typed = token is not None and token.kind == _TYPED.get(name)
        leads_on = typed or (role is not None and role[0][0] in ("to", "is") and name != "company")
        if role is not None and role[0][0] == "of" and self._edge():
            leads_on = leads_on or grade != "context" or self._verbs > 0
        if before and before.kind in ("new", "genitive"):
            return True
        if before and before.kind == "person" and before.value == "possessive":
            return True
        if before and before.kind == "verb" and before.value in ("update", "clear", "delete", "add"):
            return grade != "context" or leads_on or token is None or name != "city"
        if before and before.kind == "text" and self._genitive(before):
            return grade != "context" or leads_on or token is None
        if leads_on:
            return grade != "context" or name != "city" or (role is not None and role[0][0] in ("to", "is"))
        if grade == "context":
            return False
        if grade == "edge":
            return self._edge() and token is not None
        return self.shouting or self._edge() or not self.tokens[i].capital

    def _genitive(self, piece: Piece) -> bool:
        return self.text[piece.start : piece.end].lower().rstrip("'’").endswith("s")

    def _verb(self, i: int) -> int:
        if self._inside_name(i):
            return 0
        words_before = sum(1 for p in self.pieces if p.kind not in ("filler", "sep", "new"))
        head = words_before == 0
        found = phrases("verbs").at(self.folds, i)
        if not found and not self._verbs and i < _HEAD and (near := verb_like(self.folds[i])):
            lower_or_first = not self.tokens[i].capital or (head and self._is_word(i + 1)) or self.shouting
            found = (near, 1) if lower_or_first else None
        if not found:
            return 0
        group, n = found
        role = _roles().at(self.folds, i)
        if role and role[1] > n:
            return 0
        if group == "whether" and not self.asked:
            return 0
        if group in ("ask", "whether") and not head:
            return 0
        group = "ask" if group == "whether" else group
        if not head and (self._verbs or i > _HEAD) and not (self._verbs and words_before == self._verbs):
            return 0
        if not head and group == "add" and not self._verbs:
            return 0
        if not head and self.pieces[-1].kind == "text" and self.tokens[i].glued:
            return 0
        self._verbs += 1
        return self._add("verb", i, n, group)

    def _role(self, i: int) -> int:
        if self._inside_name(i):
            return 0
        found = _roles().at(self.folds, i)
        if not found:
            return 0
        (kind, value), n = found
        token = self.tokens[i]
        if token.text == "I" and not self.shouting:
            kind, value = "filler", "polite"
        if kind == "person" and not self._is_person(i, n, value):
            return 0
        if token.kind == "word" and kind in ("filler", "as", "from") and self._starts_name(i, n):
            return 0
        if kind == "label":
            self._add("label", i, n, value)
            return n + self._colon_after(i + n)
        return self._add(kind, i, n, value)

    def _starts_name(self, i: int, n: int) -> bool:
        """``Du Pont``, ``As Roma``: a capitalised small word that is not the first of the message."""
        capital = self.tokens[i].capital and not self.shouting and i > 0 and n == 1
        sentence = bool(self.pieces) and self.pieces[-1].kind in ("verb", "sep", "filler")
        next_capital = self._is_word(i + 1) and self.tokens[i + 1].capital
        return capital and next_capital and not (sentence and self.pieces[-1].kind == "sep")

    def _is_person(self, i: int, n: int, value: str) -> bool:
        """``hans`` is a name too, and ``her`` is Danish for here: the words beside them decide."""
        if self.folds[i] not in ("hans", "her", "de") or n > 1:
            return True
        after = self._is_word(i + 1)
        labelled = after and (
            label_called(self.folds[i + 1]) is not None or self.folds[i + 1] in single("statements", "new")
        )
        if labelled:
            return True
        if self.folds[i] == "hans":
            lower = not self.tokens[i].capital
            second = _roles().at(self.folds, i + 2) if self._is_word(i + 2) else None
            return lower and after and not self.tokens[i + 1].capital and second is not None and second[0][0] == "to"
        return self.folds[i] == "her" and bool(self.pieces) and self.pieces[-1].kind in ("verb", "of")


def read_pieces(text: str, region: str) -> Sequence[Piece]:
    """The pieces of a cleaned text."""
    return Reader(text, region).read()
