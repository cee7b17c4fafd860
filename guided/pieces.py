"""Tokens into pieces: what each stretch of a message is, before anyone asks what it is for."""

from collections.abc import Sequence

from .labels import Labels
from .lexicon import label_called, phrases, single, verb_like
from .tape import Piece, roles

_HEAD = 14
_ENDS = {".", "!", "?", ";", "\n"}


class Reader(Labels):
    """Turns one cleaned text into pieces, in one pass from left to right."""

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

    def _pick(self, i: int) -> int:
        fold_at = self.folds[i]
        after = self.folds[i + 1] if self._is_word(i + 1) else ""
        after = after[:-1] if after[:-1].isdigit() and after.endswith("s") else after
        if fold_at in single("picks", "before") and after:
            number = after if after.isdigit() else phrases("numbers").whole([after])
            if number and number.isascii() and 0 < int(number) < 100 and len(str(number)) < 3:
                return self._add("pick", i, 2, value=str(int(number)))
        dotted = i + 2 < len(self.tokens) and self.tokens[i + 1].text == "." and self.folds[i + 2].isdigit()
        if fold_at in ("nr", "no") and dotted and len(self.folds[i + 2]) < 3 and self.folds[i + 2].isascii():
            return self._add("pick", i, 3, value=str(int(self.folds[i + 2])))
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

    def _verb(self, i: int) -> int:
        if self._inside_name(i):
            return 0
        words_before = sum(1 for p in self.pieces if p.kind not in ("filler", "sep", "new"))
        head = words_before == 0
        found = phrases("verbs").at(self.folds, i)
        if not found and not self._verbs and i < _HEAD and (near := verb_like(self.folds[i])):
            lower_or_first = not self.tokens[i].capital or (head and self._is_word(i + 1)) or self.shouting
            after = self.folds[i + 1] if self._is_word(i + 1) else ""
            whole = 2 if near == "search" and after in single("filters", "after_search") else 1
            found = (near, whole) if lower_or_first else None
        if not found:
            return 0
        group, n = found
        role = roles().at(self.folds, i)
        if role and role[1] > n:
            return 0
        if group == "whether" and not self.asked:
            return 0
        if group in ("ask", "whether") and not head and not (self.pieces and self.pieces[-1].kind == "verb"):
            return 0
        group = "ask" if group == "whether" else group
        again = bool(self.pieces) and self.pieces[-1].kind == "verb" and group == "ask"
        if group in ("add", "update") and self._verbs and self.pieces[-1].kind in ("sep", "and"):
            again = self._is_word(i + n) and self._tells(self.folds[i + n])
        if group == "search" and self._verbs and self.text[self.pieces[-1].start : self.pieces[-1].end] in _ENDS:
            again = True
        if not head and not again and (self._verbs or i > _HEAD) and not (self._verbs and words_before == self._verbs):
            return 0
        if not head and group == "add" and not self._verbs:
            return 0
        if not head and self.pieces[-1].kind == "text" and self.tokens[i].glued:
            return 0
        self._verbs += 1
        return self._add("verb", i, n, group)

    def _tells(self, folded: str) -> bool:
        """Whether a word after a second verb leads to more about the same contact: a field, or "his"."""
        return label_called(folded) is not None or any(
            folded in single("people", of) for of in ("possessive", "object")
        )

    def _role(self, i: int) -> int:
        if self._inside_name(i):
            return 0
        found = roles().at(self.folds, i)
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
        if kind == "label" and self.pieces and self.pieces[-1].kind == "label" and self.pieces[-1].value != "name":
            return self._add("is", i, n)
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
            second = roles().at(self.folds, i + 2) if self._is_word(i + 2) else None
            return lower and after and not self.tokens[i + 1].capital and second is not None and second[0][0] == "to"
        return self.folds[i] == "her" and bool(self.pieces) and self.pieces[-1].kind in ("verb", "of")


def read_pieces(text: str, region: str) -> Sequence[Piece]:
    """The pieces of a cleaned text."""
    return Reader(text, region).read()
