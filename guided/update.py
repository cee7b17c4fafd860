"""Pieces into a correction of one contact: who it is about, and the new values."""

from collections.abc import Sequence

from .details import TYPED, extent, is_kind, labelled, put, put_phone, sliced
from .keeping import without_kept
from .placing import Placing, Ref, Update
from .tape import Piece
from .values import option, tidy_value, ungenitive

_STOPS = {"sep", "label", "email", "phone", "url", "domain", "pick", "from", "as", "in", "with"}


class _Reading(Placing):
    def run(self) -> Update:
        i = 0
        while i < len(self.pieces):
            handler = getattr(self, f"on_{self.kind(i)}", None)
            i = max(handler(i), i + 1) if handler else i + 1
        if self.group in ("clear", "delete"):
            self.found.values = dict.fromkeys((*self.found.values, *self.found.missing), "")
            self.found.missing = []
        return self.found

    def on_sep(self, i: int) -> int:
        self.parted = self.parted or self.found.ref is not None
        self.valued = False
        return i + 1

    def on_change(self, i: int) -> int:
        self.valued = True
        self.moved = self.moved or self.pieces[i].value == "move"
        self.relocated = self.relocated or self.pieces[i].value == "moved"
        return i + 1

    def on_former(self, i: int) -> int:
        j = self.after(i + 1)
        if self.kind(j) == "label":
            self.found.values[self.pieces[j].value] = ""
            return j + 1
        return extent(self.text, self.pieces, j + 1, _STOPS) if self.kind(j) in ("from", "text", "in", "as") else j

    def on_is(self, i: int) -> int:
        return self.on_to(i)

    def on_to(self, i: int) -> int:
        if self.group == "add" and self.found.ref is None and self.found.values:
            return self.on_of(i)
        self.valued = True
        if self.found.missing:
            name = self.found.missing[0]
            value, j = labelled(self.text, [*self.pieces[:i], Piece("label", 0, 0, name), *self.pieces[i + 1 :]], i)
            if value is not None:
                self.found.missing.pop(0)
                self.store(name, value, i + 1, j)
                return j
        return i + 1

    def on_person(self, i: int) -> int:
        if self.found.ref is None:
            self.found.ref = Ref("person")
        return i + 1

    def on_pick(self, i: int) -> int:
        self.refer(Ref("pick", self.pieces[i].value))
        return i + 2 if self.kind(i + 1) == "genitive" else i + 1

    def on_of(self, i: int) -> int:
        j = self.after(i + 1)
        if self.kind(j) in ("text", "email", "phone") and (self.found.ref is None or self.found.ref.kind == "person"):
            owned = self.kind(j + 1) in ("genitive", "label")
            self.refer(Ref("text", ungenitive(self.words(j), self.known) if owned else self.words(j)))
            return j + 1
        return i + 1

    def on_label(self, i: int) -> int:
        label = self.pieces[i]
        j = i + 1
        follows = self.kind(j)
        clearing = self.group in ("clear", "delete")
        if follows in ("of", "person", "pick") or (clearing and follows in ("from", "text")):
            self.found.missing.append(label.value)
            return self.on_of(j) if follows == "from" else j
        if follows == "text" and self.found.ref is None and not label.colon and self._is_ref_then_value(j, label.value):
            self.refer(Ref("text", ungenitive(self.words(j), self.known)))
            self.found.missing.append(label.value)
            return j + 1
        if follows == "from" and not clearing:
            to = next((k for k in range(j, min(j + 8, len(self.pieces))) if self.kind(k) == "to"), 0)
            if to:
                self.found.missing.append(label.value)
                return to
        value, stop = labelled(self.text, self.pieces, i)
        if value is None:
            self.found.missing.append(label.value)
            return i + 1
        self.store(label.value, value, i + 1, stop)
        return stop

    def _is_ref_then_value(self, j: int, name: str) -> bool:
        """``telefon Mette Hansen 22334455``, ``stilling Jens Jensen til CFO``."""
        return self.kind(j + 1) in ("to", "is") or self.kind(j + 1) == TYPED.get(name)

    def on_email(self, i: int) -> int:
        if self.valued or (self.found.ref is not None and self.found.ref.kind != "person"):
            self.found.values.setdefault("email", self.words(i))
            self._settle("email")
        elif self.found.ref is not None:
            self.found.values.setdefault("email", self.words(i))
        else:
            self.refer(Ref("text", self.words(i)))
        return i + 1

    def on_phone(self, i: int) -> int:
        if self.found.ref is None and not self.valued and self.kind(self.after(i + 1)) in ("to", "label"):
            self.refer(Ref("text", self.words(i)))
            return i + 1
        labelled_as = self.after(i + 2)
        if self.kind(i + 1) == "as" and self.kind(labelled_as) == "label":
            put(self.found.values, self.pieces[labelled_as].value, self.words(i))
            return labelled_as + 1
        name = next((m for m in self.found.missing if TYPED.get(m) == "phone"), None)
        if name:
            self.found.values[name] = self.words(i)
            self._settle(name)
        else:
            put_phone(self.found.values, self.words(i))
        return i + 1

    def on_url(self, i: int) -> int:
        self.found.values.setdefault("website", self.words(i))
        self._settle("website")
        return i + 1

    def _settle(self, name: str) -> None:
        if name in self.found.missing:
            self.found.missing.remove(name)

    def on_from(self, i: int) -> int:
        stop = extent(self.text, self.pieces, i + 1, _STOPS | {"label", "of"} if not self.valued else _STOPS)
        value = tidy_value(self.text[self.pieces[i + 1].start : self.pieces[stop - 1].end]) if stop > i + 1 else ""
        person = self.found.ref is None or self.found.ref.kind == "person"
        if value and (
            self.valued or self.parted or self.found.values or self.current or (self.group == "statement" and person)
        ):
            self.found.values.setdefault("company", value)
        return stop

    def on_in(self, i: int) -> int:
        if not self.valued and self.kind(i + 1) == "text" and self.kind(i + 2) in ("label", "genitive"):
            return i + 1
        stop = extent(self.text, self.pieces, i + 1, _STOPS)
        if self.valued and stop > i + 1:
            self.found.values.setdefault("city", sliced(self.text, self.pieces[i + 1 : stop]))
        return stop

    def on_as(self, i: int) -> int:
        stop = extent(self.text, self.pieces, i + 1, _STOPS)
        value = sliced(self.text, self.pieces[i + 1 : stop])
        if is_kind(self.pieces[i + 1 : stop]):
            self.valued = True
            return i + 1
        if value:
            self.place_value(value, titled=True)
        return stop

    def on_filler(self, i: int) -> int:
        stage = option(self.words(i)) if self.valued else None
        if stage:
            self.found.values["lifecyclestage"] = stage
        return i + 1

    def on_text(self, i: int) -> int:
        j = self.after(i + 1)
        label = self.after(i + 2)
        made = self.kind(i + 1) == "as" or (self.kind(i + 1) == "to" and self.kind(label + 1) == "of")
        if made and self.kind(label) == "label" and not self.valued:
            put(self.found.values, self.pieces[label].value, self.words(i))
            return label + 1
        if not self.valued and self.found.ref is None and (self.kind(i + 1) == "genitive" or self.kind(j) == "label"):
            owned = self.kind(i + 1) == "genitive" or (self.kind(j) == "label" and not self.pieces[j].colon)
            name = self.words(i)
            self.refer(Ref("text", ungenitive(name, self.known) if owned else name))
            return i + 1
        if self.found.ref is None and not self.valued and self._is_field_of(i):
            self.found.missing.append(self.words(i))
            return i + 1
        if self.found.ref is None and not self.valued and self._points_at(i):
            return i + 1
        if self.valued or self.parted:
            stop = max(extent(self.text, self.pieces, i, _STOPS | {"is", "now", "change"}), i + 1)
            value = tidy_value(self.text[self.pieces[i].start : self.pieces[stop - 1].end])
            if self.found.ref is None and not self.found.values:
                self.place_ref(value)
            else:
                self.place_value(value)
            return stop
        if self.found.ref is None or self.found.ref.kind == "person":
            return self._owned_field(i) or self._unknown_field(i) or self.place_ref(self.words(i)) or i + 1
        self.place_value(self.words(i))
        return i + 1

    def _is_field_of(self, i: int) -> bool:
        """``skostørrelse på Mette til 42``: a field by the user's own word, which the tool is asked for."""
        owner = self.kind(i + 1) == "of" and self.kind(i + 2) in ("text", "email", "phone", "pick", "person")
        return owner and self.kind(i + 3) == "to" and not self.pieces[i].capital and len(self.words(i).split()) <= 3

    def _points_at(self, i: int) -> bool:
        """``stavefejlen i Astrids efternavn``: a word in lower case before the one that is meant."""
        led = self.kind(i + 1) in ("of", "in") and self.kind(i + 2) == "text"
        return led and not self.pieces[i].capital and self.pieces[i + 2].capital

    def _owned_field(self, i: int) -> int:
        """``Henrik Dams skostørrelse til 44``: who it is about, and a field by the user's own word."""
        listed = self.words(i).split()
        n = next((k for k, word in enumerate(listed) if not word[:1].isupper()), 0)
        owner, rest = " ".join(listed[:n]), " ".join(listed[n:])
        owned = bool(n) and owner.lower().rstrip("'’").endswith("s") and self.kind(i + 1) in ("to", "is")
        if not owned or self.group not in ("update", "statement") or len(listed) - n > 3 or rest != rest.lower():
            return 0
        self.refer(Ref("text", ungenitive(owner, self.known)))
        self.found.missing.append(rest)
        return i + 1

    def _unknown_field(self, i: int) -> int:
        """``hendes yndlingsfarve til blå``: the tool is asked for a field by the user's own word."""
        listed = self.words(i).split()
        if self.found.ref is None or self.kind(i + 1) not in ("to", "is") or len(listed) > 3:
            return 0
        self.found.missing.append(self.words(i))
        return i + 1


def read_update(text: str, pieces: Sequence[Piece], group: str, known: Sequence[str] = ()) -> Update:
    """The correction in a message; ``group`` is the kind of verb, ``known`` the names on the desk."""
    told = without_kept(text, pieces) if group in ("clear", "delete") else pieces
    return _Reading(text, told, group, known).run()
