"""Which words of a message are labels of fields."""

from crm.domain import fold

from .lexicon import label_called, label_like, phrases, verb_like
from .tape import Piece, Tape, roles

_FUZZY_LABELS = 60
_TYPED = {"email": "email", "phone": "phone", "mobilephone": "phone", "fax": "phone", "website": "url"}


class Labels(Tape):
    """Reads labels, with and without a colon."""

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
        if (
            not self._edge()
            or self._led()
            or self._names(i, n)
            or n > 3
            or any(t.text.isdigit() for t in self.tokens[i : i + n])
        ):
            return False
        known = (roles(), phrases("verbs"))
        return not any(p.at(self.folds, j) for j in range(i, i + n) for p in known) and not self._verbs_like(i, n)

    def _names(self, i: int, n: int) -> bool:
        """``Tove Lindahl: mobil …``: who it is about, not a field."""
        listed = self.tokens[i : i + n]
        if label_called(listed[-1].folded):
            return True
        if self.shouting or not all(t.capital for t in listed):
            return False
        after = i + n + 1
        led = self._is_word(after) and label_called(self.folds[after]) is not None
        return n > 1 or led or (bool(self.pieces) and self.pieces[-1].kind == "verb")

    def _led(self) -> bool:
        return bool(self.pieces) and self.pieces[-1].kind in ("of", "to", "from", "as", "in", "is")

    def _verbs_like(self, i: int, n: int) -> bool:
        return any(verb_like(self.folds[j]) for j in range(i, i + n))

    def _counts(self, i: int, after: int, name: str, grade: str) -> bool:
        """Whether the words around a label without a colon make it one."""
        before = self.pieces[-1] if self.pieces else None
        token = self.tokens[after] if after < len(self.tokens) else None
        role = roles().at(self.folds, after) if token and token.kind == "word" else None
        typed = token is not None and token.kind == _TYPED.get(name)
        leads_on = typed or (role is not None and role[0][0] in ("to", "is") and name != "company")
        if role is not None and role[0][0] == "of" and self._edge():
            leads_on = leads_on or grade != "context" or self._verbs > 0
        if grade == "colon":
            told = before is not None and before.kind == "verb" and before.value in ("update", "clear", "delete")
            if before is not None and before.kind in ("email", "phone", "pick", "sep", "is"):  # whom it is about
                updates = any(p.kind == "verb" and p.value == "update" for p in self.pieces)
                return updates and role is not None and role[0][0] == "to"
            if before is not None and before.kind in ("as", "to"):
                return role is not None and role[0][0] == "of"
            if before is not None and before.kind == "text" and before.capital and self._genitive(before):
                return role is not None and role[0][0] == "is"
            return told and role is not None and role[0][0] in ("to", "of")
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
            if before and before.kind == "with":
                return token is not None and token.capital
            listed = before is not None and before.kind == "sep" and any(p.kind == "label" for p in self.pieces)
            return listed and token is not None and token.capital and not self.tokens[i].capital
        if grade == "edge":
            return self._edge() and token is not None
        return self.shouting or self._edge() or not self.tokens[i].capital

    def _genitive(self, piece: Piece) -> bool:
        return self.text[piece.start : piece.end].lower().rstrip("'’").endswith("s")
