"""Reads the filters of a search: what a property must be, as a person or a model writes it.

====================== ==================================================================
``Ny``, ``lead; kunde`` is one of these: an option or an owner by its name, a text that has these words
``!Ny``                is not; a property without a value counts as another one
``empty``, ``set``     has no value, has any
``>10``, ``<=1. maj``  more, less, later, earlier
``10..20``             from the one to the other
``last 30 days``       a period in words, Danish or English; ``!last 30 days``: not in it, or never
``me``                 of an owner: the user
====================== ==================================================================
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from itertools import product

from crm.domain import (
    OWNER,
    DateRange,
    Property,
    Schema,
    errors,
    fold,
    has_several_spellings,
    normalise,
    read_period,
    safe_part,
    values,
    variants,
)
from crm.hubspot import (
    MOST_FILTERS,
    MOST_GROUPS,
    MOST_IN_GROUP,
    NUMBERS,
    Filter,
    Group,
    compares,
    equals,
    phone_groups,
    token,
    unset,
)

ME = frozenset(("me", "mine", "mig", "myself"))
_EMPTY, _SET = "empty", "set"
_MARKS = {"empty": _EMPTY, "none": _EMPTY, "set": _SET, "any": _SET}
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(.+)")
_RANGE = re.compile(r"(.*?)\s*\.\.\s*(.*)")
_LONGEST = 200  # characters of a text that is looked for
_ROOM = MOST_IN_GROUP - 2  # filters beside the two of a name
_SPELLINGS = 4  # of one word that HubSpot is asked for
_MOMENTS, _NUMBERS = ("date", "datetime"), ("date", "datetime", "number")


@dataclass(frozen=True)
class Criteria:
    """``groups``: a contact fits where all filters of one of them hold; [[]] where there is no filter.

    ``spelled``: property -> texts, of one of which every word must stand in the value, in any spelling; they are
    compared once more with what HubSpot found. ``names``: all properties that are asked for.
    """

    groups: Sequence[Group]
    spelled: Mapping[str, Sequence[str]]
    names: tuple[str, ...] = ()

    @property
    def shared(self) -> Group | None:
        """The filters that stand in every group; None where others are left that are not compared once more."""
        common = [f for f in self.groups[0] if all(f in group for group in self.groups)]
        rest = {str(f["propertyName"]) for group in self.groups for f in group if f not in common}
        return common if rest <= set(self.spelled) else None

    @property
    def is_empty(self) -> bool:
        return not any(self.groups)


def read_criteria(schema: Schema, filters: Mapping[str, str], *, region: str, me: str = "") -> Criteria:
    """The filters (any name of a property -> a text as above) as HubSpot takes them.

    ``me``: the owner that the user is, in any spelling; "": not known.

    Raises UnknownProperty, the errors of ``Schema.value``, EmptyFilter (property), OwnerOfUser where the user's owner
    is not known, or TooManyFilters.
    """
    reader = _Reader(schema, region, me)
    wanted = [(schema.find(name), normalise.clean(text)[:_LONGEST]) for name, text in filters.items()]
    wanted.sort(key=lambda pair: _is_text(pair[0]))
    spelled = {prop.name: _parts(text) for prop, text in wanted if _is_text(prop) and _is_plain(text)}
    groups = _joined([reader.alternatives(prop, text) for prop, text in wanted])
    if not _fit(groups):  # fewer, wider filters for texts, as the spelling of the results is compared again
        groups = _joined([reader.alternatives(prop, text, wide=True) for prop, text in wanted])
        groups = [[f for n, f in enumerate(group) if n < _ROOM or f["propertyName"] not in spelled] for group in groups]
    if not _fit(groups):
        raise errors.TooManyFilters()
    return Criteria(groups, spelled, tuple(prop.name for prop, _ in wanted))


def is_mark(text: str) -> bool:
    """Whether the text of a filter is a mark of ours ("empty", "me", "!x") and no value."""
    return text.startswith("!") or fold(text) in ME or fold(text) in _MARKS


def _fit(groups: Sequence[Group]) -> bool:
    """Whether HubSpot takes so many filters at once, and room is left for a name."""
    return len(groups) <= MOST_GROUPS and max(map(len, groups)) <= _ROOM and sum(map(len, groups)) <= MOST_FILTERS


def _joined(alternatives: Sequence[Sequence[Group]]) -> list[Group]:
    """The groups in which one alternative of each filter holds."""
    return [[f for group in chosen for f in group] for chosen in product(*alternatives)]


def _is_text(prop: Property) -> bool:
    return prop.type == "string" and not prop.options and prop.name not in (*NUMBERS, "email")


def _is_plain(text: str) -> bool:
    return not text.startswith("!") and fold(text) not in _MARKS


class _Reader:
    def __init__(self, schema: Schema, region: str, me: str) -> None:
        self._schema, self._region, self._me = schema, region, me
        self._zone: tzinfo = schema.zone or UTC
        self._today = datetime.now(self._zone).date()

    def alternatives(self, prop: Property, text: str, *, wide: bool = False) -> Sequence[Group]:
        """The groups of which one must hold."""
        negated, text = text.startswith("!"), text.removeprefix("!").strip()
        if not text.strip("; "):
            raise errors.EmptyFilter(property=prop.name)
        if (named := _MARKS.get(fold(text))) is not None:
            return [[unset(prop.name) if (named == _EMPTY) is not negated else compares(prop.name, "HAS_PROPERTY")]]
        if prop.type in _NUMBERS and not prop.options:
            return self._span(prop, text, negated)
        if negated:
            return [*self._is_not(prop, text), [unset(prop.name)]]
        return self._is(prop, text, wide)

    def _is(self, prop: Property, text: str, wide: bool) -> Sequence[Group]:
        if prop.name in NUMBERS and (groups := phone_groups([text], self._region)):
            return [[f] for group in groups for f in group if f["propertyName"] == NUMBERS[prop.name]]
        if prop.options or prop.type != "string":
            found = self._values(prop, text)
            return [[equals(prop.name, found[0]) if len(found) == 1 else compares(prop.name, "IN", values=found)]]
        if prop.name == "email":
            return [[_of_email(text)]]
        return [group for part in _parts(text) for group in self._has_words(prop.name, _words(part), wide)]

    def _has_words(self, name: str, words: Sequence[str], wide: bool) -> Sequence[Group]:
        if wide:
            return [[token(name, safe_part(word) or word) for word in words]]
        return _joined([[[token(name, each)] for each in _spellings(word)] for word in words])

    def _is_not(self, prop: Property, text: str) -> Sequence[Group]:
        """The groups of which one must hold, beside the one of contacts without a value."""
        if prop.options or prop.type != "string":
            return [[compares(prop.name, "NOT_IN", values=self._values(prop, text))]]
        if prop.name in NUMBERS and (groups := phone_groups([text], self._region)):
            return [[_opposite(f) for group in groups for f in group if f["propertyName"] == NUMBERS[prop.name]]]
        if prop.name == "email":
            return [[_opposite(_of_email(text))]]
        # a word of it is missing, in every spelling: that of each part
        lacks = [[self._lacks(prop.name, word) for word in _words(part)] for part in _parts(text)]
        return _joined(lacks)

    def _lacks(self, name: str, word: str) -> Group:
        return [compares(name, "NOT_CONTAINS_TOKEN", each) for each in _spellings(word)]

    def _values(self, prop: Property, text: str) -> list[str]:
        if prop.name == OWNER and fold(text) in ME:
            if not self._me:
                raise errors.OwnerOfUser()
            text = self._me
        parts = _parts(text) if prop.options else [text]
        return list(dict.fromkeys(self._schema.sought(prop, part, self._region) for part in parts))

    def _span(self, prop: Property, text: str, negated: bool) -> Sequence[Group]:
        """A number, a day or a period, or a range of them; of a number from and to, of days from and before."""
        low, high = self._bounds(prop, text)
        below, above = ("LT", "GTE") if prop.type in _MOMENTS else ("LT", "GT")
        if negated:
            out: list[Group] = [[compares(prop.name, below, low)]] if low else []
            out += [[compares(prop.name, above, high)]] if high and not self._is_ahead(prop, high) else []
            return [*out, [unset(prop.name)]]
        upper = "LT" if prop.type in _MOMENTS else "LTE"
        between = [compares(prop.name, "GTE", low)] if low else []
        return [[*between, *([compares(prop.name, upper, high)] if high else [])]]

    def _is_ahead(self, prop: Property, moment: str) -> bool:
        return prop.type in _MOMENTS and int(moment) > datetime.now(UTC).timestamp() * 1_000

    def _bounds(self, prop: Property, text: str) -> tuple[str, str]:
        if prop.type == "number":
            return self._numbers(prop, text)
        if compared := _COMPARED.fullmatch(text):
            period = self._period(prop, compared[2])
            edge: dict[str, Callable[[DateRange], DateRange]] = {
                ">": lambda p: DateRange(p.end, None),
                ">=": lambda p: DateRange(p.start, None),
                "<": lambda p: DateRange(None, p.start),
                "<=": lambda p: DateRange(None, p.end),
            }
            period = edge[compared[1]](period)
        elif ranged := _RANGE.fullmatch(text):
            first, last = (self._period(prop, side) if side else DateRange(None, None) for side in ranged.groups())
            period = DateRange(first.start, last.end)
        else:
            period = self._period(prop, text)
        if period.start and period.end and period.start >= period.end:
            raise errors.InvalidDate(property=prop.name, value=text[:60])
        return self._moment(prop, period.start), self._moment(prop, period.end)

    def _numbers(self, prop: Property, text: str) -> tuple[str, str]:
        if ranged := _RANGE.fullmatch(text):
            low, high = (self._number(prop, side) if side else "" for side in ranged.groups())
            return low, high
        if compared := _COMPARED.fullmatch(text):
            value = self._number(prop, compared[2])
            return (value, "") if ">" in compared[1] else ("", value)
        value = self._number(prop, text)
        return value, value

    def _number(self, prop: Property, text: str) -> str:
        return values.number(prop.name, text.strip(), self._region)

    def _period(self, prop: Property, text: str) -> DateRange:
        found = read_period(text, today=self._today, region=self._region)
        if found is None:
            raise errors.InvalidDate(property=prop.name, value=text[:60])
        return found

    def _moment(self, prop: Property, day: date | None) -> str:
        """The beginning of a day in milliseconds, as HubSpot's filters take it (documented); "" for no day.

        A property of days holds them at midnight UTC, one of moments is read in the portal's time zone.
        """
        zone = self._zone if prop.type == "datetime" else UTC
        return str(int(datetime.combine(day, time(), zone).timestamp() * 1_000)) if day else ""


def _of_email(text: str) -> Filter:
    """A whole address, or a part of one: a domain, a name."""
    if "@" in text.strip("@*"):
        return equals("email", normalise.email(text))
    return token("email", f"*{text.strip('*').lower()}*")


def _parts(text: str) -> list[str]:
    """The texts of which a value must have one: "Aarhus; Odense"."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _opposite(wanted: Filter) -> Filter:
    """The filter that holds where this one does not."""
    return {
        **wanted,
        "operator": {"EQ": "NEQ", "IN": "NOT_IN"}.get(str(wanted["operator"]), f"NOT_{wanted['operator']}"),
    }


def _words(text: str) -> list[str]:
    """The two longest words of a text: HubSpot takes few filters at once, and the results are compared again."""
    parts = [word for word in re.split(r"[\W_]+", text.lower()) if len(word) > 1] or [text.lower()]
    return sorted(parts, key=len, reverse=True)[:2]


def _spellings(word: str) -> list[str]:
    """The spellings of a word that people use: Århus, Aarhus and Arhus."""
    return variants(word)[:_SPELLINGS] if has_several_spellings(word) else [word]
