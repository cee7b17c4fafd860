"""Turns codes into sentences of one language: lists, details, cards, errors and outcomes."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm.domain import DETAILS, Change, CrmError, Outcome, Property, Question, Row, Schema, Unavailable
from graph.markdown import literal
from graph.state import Card, Language
from guided import found_sentence
from prompts import Prompts
from tools import ChangesListed, ContactRecord, ContactsFound, WrittenChange, step_key

_FACTS = ("email", "phone", "mobilephone", "company", "jobtitle")
_NAMED = (*_FACTS, "firstname", "lastname")  # in every line of a list
_FIELDS = ("property", "asked", "other")  # parameters of errors that name a property
# the sentences of outcomes without values: of these statuses, and of "gone" by whether something was written before
_PLAIN = {"already_so": "done-already-so", "unknown": "done-unknown"}
_GONE = {"no": "done-gone", "perhaps": "done-perhaps-gone", "yes": "done-then-gone"}


class Words:
    """The sentences of one language over one portal's schema (None: not read yet, names stay internal)."""

    def __init__(self, prompts: Prompts, language: Language, schema: Schema | None = None) -> None:
        self._prompts, self.language, self._schema = prompts, language, schema

    def say(self, key: str, **values: str | int) -> str:
        """The sentence ``key``. Values of unknown origin must be made ``literal`` before."""
        return self._prompts.say(self.language, key, **values)

    def label(self, name: str) -> str:
        """The label of a property, as plain text."""
        prop = self._property(name)
        return prop.title(self.language) if prop else name

    def shown(self, name: str, value: str | None) -> str | None:
        """The value as a person reads it, in plain text: an option's label instead of its value."""
        prop = self._property(name)
        return prop.shown(value, self.language) if prop else value

    def is_property(self, name: str) -> bool:
        """Whether the portal's contacts have a property of that name."""
        return self._property(name) is not None

    def _property(self, name: str) -> Property | None:
        return self._schema.get(name) if self._schema else None

    def error(self, error: CrmError) -> str:
        """The sentence of an error, with the next step."""
        key = f"error-{error.code.replace('_', '-')}"
        if not self._prompts.has(key):
            return self.say("unexpected")
        names = self._prompts.variables(key)
        return self.say(key, **{name: self._parameter(name, error.params.get(name)) for name in names})

    def _parameter(self, name: str, value: object) -> str:
        if isinstance(value, list):
            texts = [self._named(part) if name in ("nearest", "properties") else part for part in value]
            return ", ".join(literal(text) for text in texts) or "none"
        if not value:
            return "none" if name in ("nearest", "scopes", "property") else "?"
        text = str(value)
        return literal(
            self.label(text).lower() if name in ("asked", "other") else self.label(text) if name in _FIELDS else text
        )

    def _named(self, name: str) -> str:
        """The user's name of a property, or of a kind of work that is attached to a contact."""
        key = f"attached-{name}"
        return self.say(key) if self._prompts.has(key) else self.label(name)

    def step(self, tool: str, subject: str) -> str:
        """The sentence of what a tool is doing. It may take ``what``: the subject of the call, or "none"."""
        key = step_key(tool)
        return self.say(key, **dict.fromkeys(self._prompts.variables(key), subject or "none"))

    def listing(self, found: ContactsFound) -> str:
        """A numbered Markdown list of contacts."""
        first, last = found.start + 1, found.start + len(found.contacts)
        items = [f"{n}. {self._item(c, found.asked)}" for n, c in enumerate(found.contacts, first)]
        if found.total > len(items) > 0:
            key = "list-more" if last < found.total else "list-end"
            items.append("\n" + self.say(key, first=first, last=last, total=found.total))
        return "\n".join(items)

    def found(self, found: ContactsFound) -> str:
        """What to say below a list of contacts that code shows by itself."""
        said = found_sentence(found.total, len(found.contacts), found.start)
        return self.say(said.key, **said.variables)

    def _item(self, contact: ContactRecord, asked: Sequence[str]) -> str:
        facts = [v for name in _FACTS if (v := contact.properties.get(name)) and v != contact.name]
        beside = [name for name in asked if name not in _NAMED and contact.properties.get(name)]
        facts += [f"{self.label(name)}: {self.shown(name, contact.properties[name])}" for name in beside]
        opened = f" · [{self.say('list-open')}]({contact.url})" if contact.url else ""
        return "".join([f"**{short(contact.name)}**", *(f" · {short(fact)}" for fact in facts), opened])

    def details(self, contact: ContactRecord) -> str:
        """A contact with all of its set properties, as Markdown."""
        properties, opened = contact.properties, self._link(contact.url)
        title = f"**{short(contact.name)}**{opened and ' · '}{opened}"
        names = [*DETAILS, *(name for name in properties if name not in DETAILS)]
        lines = [
            f"- {literal(self.label(p))}: {short(self.shown(p, properties[p]) or '', 500)}"
            for p in names
            if properties.get(p)
        ]
        return "\n".join([title, "", *lines])

    def _link(self, url: str) -> str:
        return f"[{self.say('record-open')}]({url})" if url else ""

    def card(self, card: Card) -> dict[str, Any]:
        """The approval card of the contract: plain JSON in the user's language."""
        changes = [{**self._change(change), "unused": self._unused(card, change)} for change in card.changes]
        return {"kind": "approval", "version": card.version, "id": card.id, "changes": changes}

    def _change(self, change: Change) -> dict[str, Any]:
        return {
            "id": change.id,
            "action": change.action,
            "contact_id": change.contact_id,
            "title": self.say("card-undo-create" if change.archives else f"card-{change.action}", name=_whose(change)),
            "rows": [self._row(row) for row in change.rows],
            "twins": [
                {"contact_id": t.contact_id, "display": t.display, "url": t.url, "why": self._why(t.why)}
                for t in change.twins
            ],
            "warnings": [
                *(self.say("card-unknown", label=self.label(r.property)) for r in change.rows if r.source == "unknown"),
                *(self.say("card-bad-default", entry=entry) for entry in change.bad_defaults),
                *self._left_alone(change),
            ],
            "acknowledge": list(change.acknowledge),
        }

    def _unused(self, card: Card, change: Change) -> list[dict[str, str]]:
        return [{"text": text, "why": self.say("card-unused")} for text in card.unused.get(change.id, ())]

    def _row(self, row: Row) -> dict[str, Any]:
        prop = self._property(row.property)
        options = [{"value": v, "label": self.shown(row.property, v)} for v in prop.options] if prop else []
        return {
            "property": row.property,
            "label": self.label(row.property),
            "type": prop.type if prop else "string",
            "options": options or None,
            "before": row.before,
            "after": row.after,
            "source": row.source,
            **({"shown": read} if prop and (read := self._read(row, prop)) else {}),
        }

    def _read(self, row: Row, prop: Property) -> dict[str, str | None]:
        """Values as people read them where no option says it: moments in the portal's time zone, and owners who have
        left.
        """
        stored = [value for value in (row.before, row.after) if value]
        return {v: prop.shown(v, self.language) for v in stored if prop.type == "datetime" or v in prop.former}

    def _why(self, codes: Iterable[str]) -> str:
        return ", ".join(self.say(f"twin-{code.replace('_', '-')}") for code in codes)

    def acknowledge(self, changes: Iterable[Change]) -> str:
        """What a plain yes does not cover, and what the user can do about it."""
        changes = list(changes)
        twins = [f"{short(t.display)} ({self._why(t.why)})" for c in changes for t in c.twins][:3]
        unknown = [literal(self.label(r.property)) for c in changes for r in c.rows if r.source == "unknown"]
        sentences = [self.say("card-acknowledge-twins", twins="; ".join(twins))] if twins else []
        if unknown:
            sentences.append(self.say("card-acknowledge-unknown", labels=", ".join(unknown)))
        return "\n\n".join(sentences)

    def outcome(self, outcome: Outcome) -> str:
        """Say what became of a change, from what was verified. Never fails, whatever the values hold."""
        if outcome.status in ("read_only", "gone", "stale", "refused") or outcome.error:
            return self._not_written(outcome)
        return self._written(outcome)

    def _not_written(self, outcome: Outcome) -> str:
        change, status = outcome.change, outcome.status
        name = short(outcome.contact.name if outcome.contact and status != "stale" else change.display)
        if status == "read_only":
            return self.say("read-only")
        if status == "gone":
            return self.say(_GONE[outcome.sent], name=name)
        if status == "stale":
            return self.say("done-stale-create") if change.action == "create" else self.say("done-stale", name=name)
        # a question is our own, and no answer is no refusal
        ours = status != "refused" or isinstance(outcome.error, Question | Unavailable)
        key = "done-unavailable" if ours else "done-refused"
        return self.say(key, name=name, why=self.error(outcome.error or CrmError()))

    def _written(self, outcome: Outcome) -> str:
        """Say what was written, with a link, what was left as it is, and which values of others met ours."""
        change, contact = outcome.change, outcome.contact
        link = "" if change.archives else self._link(contact.url if contact else change.url)
        done = self._done(outcome, short(contact.name if contact else change.display))
        late = "done-archived-late" if change.archives else "done-overwritten"
        lost = [(late, outcome.overwritten), ("done-replaced", outcome.replaced)]
        told = [self._lost(key, name, value) for key, values in lost for name, value in values.items()]
        return "\n\n".join([f"{done} {link}".rstrip(), *self._left_alone(change), *told])

    def _lost(self, key: str, name: str, value: str) -> str:
        return self.say(key, label=literal(self.label(name)), value=short(self.shown(name, value) or ""))

    def _left_alone(self, change: Change) -> list[str]:
        """The properties that an undo does not restore."""
        kept = [self.say("card-undo-kept", label=self.label(name)) for name in change.kept]
        return kept + [self.say("card-undo-taken", label=self.label(name)) for name in change.taken]

    def _done(self, outcome: Outcome, name: str) -> str:
        change, status = outcome.change, outcome.status
        if status == "partly":
            labels = ", ".join(literal(self.label(p)) for p in outcome.unchanged)
            return self.say("done-partly", name=name, labels=labels)
        if status != "applied":
            return self.say(_PLAIN.get(status, "done-unknown"), name=name)
        if change.action == "create" or change.archives:
            return self.say("done-create" if change.action == "create" else "done-archived", name=name)
        rows = "; ".join(self._row_done(row) for row in change.rows)
        return f"{self.say(f'done-{change.action}', name=name)} {rows}."

    def changes(self, found: ChangesListed) -> str:
        """The user's changes as Markdown, oldest first, by day."""
        changes, total = found.changes, found.total
        told = [self.say("changes-more", shown=len(changes), total=total)] if total > len(changes) else []
        days: dict[str, list[str]] = {}
        for change in changes:
            days.setdefault(change.at[:10], []).append(self._change_line(change))
        # the day stands above it, unless today alone was asked for
        heads = {day: [self._day(day)] if found.dated or list(days) != [found.today] else [] for day in days}
        told += ["\n\n".join([*heads[day], "\n".join(lines)]) for day, lines in days.items()]
        if found.erased:
            told.append(self.say("changes-erased", count=found.erased))
        if found.unsure:
            told.append(self.say("changes-unsure", names=", ".join(short(name) for name in found.unsure[-3:])))
        return "\n\n".join(told) or self.say("changes-none")

    def _day(self, day: str) -> str:
        year, month, of_month = day.split("-")
        return self.say("changes-day", year=year, month=month, day=of_month)

    def _change_line(self, change: WrittenChange) -> str:
        whole = change.action == "create" or change.archives
        what = "" if whole else "; ".join(self._row_done(row, "changes-row") for row in change.rows)
        key = "changes-undo-create" if change.archives else f"changes-{change.action}"
        said = self.say(key, time=change.at[11:16], name=short(change.name))
        undone = "changes-partly-undone" if change.partly else "changes-undone"
        back = f" {self.say(undone)}" if change.undone else ""
        return f"- {said}{': ' if what else ''}{what}{back} {self._link(change.url)}".rstrip()

    def _row_done(self, row: Row, key: str = "done-change") -> str:
        before, after = (
            short(self.shown(row.property, value) or "") or self.say("empty-value") for value in (row.before, row.after)
        )
        return self.say(key, label=literal(self.label(row.property)), after=after, before=before)


def _whose(change: Change) -> str:
    return f"{change.display} ({change.about})" if change.about else change.display


def short(text: str, length: int = 120) -> str:
    """A value of unknown origin for a sentence: literal, and shortened."""
    return literal(text if len(text) <= length else f"{text[:length].rstrip()}…")
