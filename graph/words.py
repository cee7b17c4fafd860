"""Rendering in one language: lists, details, cards, errors and outcomes, from codes to sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm.domain import DETAILS, Change, CrmError, Outcome, Property, Question, Row, Schema, Unavailable
from graph.markdown import literal
from graph.state import Language
from prompts import Prompts

_FACTS = ("email", "phone", "mobilephone", "company", "jobtitle")
_FIELDS = ("property", "asked", "other")  # parameters of errors that name a property


class Words:
    """The sentences of one language over one portal's schema (None: not read yet, names stay internal)."""

    def __init__(self, prompts: Prompts, language: Language, schema: Schema | None = None) -> None:
        self._prompts, self.language, self._schema = prompts, language, schema

    def say(self, key: str, **values: str | int) -> str:
        """A sentence; values of unknown origin must be made ``literal`` before."""
        return self._prompts.say(self.language, key, **values)

    def label(self, name: str) -> str:
        """The label of a property, as plain text."""
        prop = self._property(name)
        return prop.title(self.language) if prop else name

    def shown(self, name: str, value: str | None) -> str | None:
        """A value as a person reads it, as plain text: the label of an option."""
        prop = self._property(name)
        return prop.shown(value, self.language) if prop else value

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
        """What is called so inside: a property, or a kind of work that people attach to a contact."""
        key = f"attached-{name}"
        return self.say(key) if self._prompts.has(key) else self.label(name)

    def listing(self, contacts: Iterable[Mapping[str, Any]], total: int) -> str:
        """A numbered Markdown list of contacts (``tools.contacts.plain``)."""
        items = [f"{n}. {self._item(c)}" for n, c in enumerate(contacts, 1)]
        if total > len(items) > 0:
            items.append("\n" + self.say("list-more", shown=len(items), total=total))
        return "\n".join(items)

    def _item(self, contact: Mapping[str, Any]) -> str:
        facts = [v for name in _FACTS if (v := contact.get(name)) and v != contact["name"]]
        opened = f" · [{self.say('list-open')}]({contact['url']})" if contact["url"] else ""
        return "".join([f"**{short(contact['name'])}**", *(f" · {short(fact)}" for fact in facts), opened])

    def details(self, contact: Mapping[str, Any]) -> str:
        """A contact with all of its set properties, as Markdown."""
        properties, opened = contact["properties"], self._link(contact["url"])
        title = f"**{short(contact['name'])}**{opened and ' · '}{opened}"
        lines = [
            f"- {literal(self.label(p))}: {short(self.shown(p, properties[p]) or '', 500)}"
            for p in DETAILS
            if properties.get(p)
        ]
        return "\n".join([title, "", *lines])

    def _link(self, url: str) -> str:
        return f"[{self.say('record-open')}]({url})" if url else ""

    def card(self, card_id: str, changes: Iterable[Change]) -> dict[str, Any]:
        """The approval card of the contract: plain JSON in the user's language."""
        return {"kind": "approval", "id": card_id, "changes": [self._change(c) for c in changes]}

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
                *(self.say("card-undo-kept", label=self.label(name)) for name in change.kept),
                *(self.say("card-undo-taken", label=self.label(name)) for name in change.taken),
            ],
            "acknowledge": list(change.acknowledge),
        }

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
        """Stored values -> what people read, where no option says it: moments are kept in UTC, and owners leave."""
        stored = [value for value in (row.before, row.after) if value]
        return {v: prop.shown(v, self.language) for v in stored if prop.type == "datetime" or v in prop.former}

    def _why(self, codes: Iterable[str]) -> str:
        return ", ".join(self.say(f"twin-{code.replace('_', '-')}") for code in codes)

    def acknowledge(self, changes: Iterable[Change]) -> str:
        """What a plain yes is not enough for, and what to do."""
        changes = list(changes)
        twins = [f"{short(t.display)} ({self._why(t.why)})" for c in changes for t in c.twins][:3]
        unknown = [literal(self.label(r.property)) for c in changes for r in c.rows if r.source == "unknown"]
        sentences = [self.say("card-acknowledge-twins", twins="; ".join(twins))] if twins else []
        if unknown:
            sentences.append(self.say("card-acknowledge-unknown", labels=", ".join(unknown)))
        return "\n\n".join(sentences)

    def outcome(self, outcome: Outcome) -> str:
        """What became of a change, told from what was verified; never fails for what values may hold."""
        change, status = outcome.change, outcome.status
        name = short(outcome.contact.name if outcome.contact and status != "stale" else change.display)
        if status == "read_only":
            return self.say("read-only")
        if status == "gone":
            key = {"no": "done-gone", "perhaps": "done-perhaps-gone", "yes": "done-then-gone"}[outcome.sent]
            return self.say(key, name=name)
        if status == "stale":
            return self.say("done-stale-create") if change.action == "create" else self.say("done-stale", name=name)
        if outcome.error or status == "refused":
            # a question is our own, and no answer is no refusal
            ours = status != "refused" or isinstance(outcome.error, Question | Unavailable)
            key = "done-unavailable" if ours else "done-refused"
            return self.say(key, name=name, why=self.error(outcome.error or CrmError()))
        link = "" if change.archives else self._link(outcome.contact.url if outcome.contact else change.url)
        late = "done-archived-late" if change.archives else "done-overwritten"
        lost = [
            self.say(late, label=literal(self.label(p)), value=short(self.shown(p, value) or ""))
            for p, value in outcome.overwritten.items()
        ]
        lost += [
            self.say("done-replaced", label=literal(self.label(p)), value=short(self.shown(p, value) or ""))
            for p, value in outcome.replaced.items()
        ]
        kept = [self.say("card-undo-kept", label=self.label(name)) for name in change.kept]
        kept += [self.say("card-undo-taken", label=self.label(name)) for name in change.taken]
        return "\n\n".join([f"{self._done(outcome, name)} {link}".rstrip(), *kept, *lost])

    def _done(self, outcome: Outcome, name: str) -> str:
        change, status = outcome.change, outcome.status
        if status == "applied" and change.action == "create":
            return self.say("done-create", name=name)
        if status == "applied" and change.archives:
            return self.say("done-archived", name=name)
        if status == "applied":
            rows = "; ".join(self._row_done(row) for row in change.rows)
            return f"{self.say(f'done-{change.action}', name=name)} {rows}."
        if status == "partly":
            labels = ", ".join(literal(self.label(p)) for p in outcome.unchanged)
            return self.say("done-partly", name=name, labels=labels)
        return self.say("done-already-so" if status == "already_so" else "done-unknown", name=name)

    def changes(self, found: Mapping[str, Any]) -> str:
        """What was written for the user (the artifact of ``list_changes``), oldest first, as Markdown for each day."""
        changes, total, unsure = found["changes"], found["total"], found["unsure"]
        told = [self.say("changes-more", shown=len(changes), total=total)] if total > len(changes) else []
        days: dict[str, list[str]] = {}
        for change in changes:
            days.setdefault(change["at"][:10], []).append(self._change_line(change))
        # the day stands above it, unless today alone was asked for
        heads = {day: [self._day(day)] if found["dated"] or list(days) != [found["today"]] else [] for day in days}
        told += ["\n\n".join([*heads[day], "\n".join(lines)]) for day, lines in days.items()]
        if found["erased"]:
            told.append(self.say("changes-erased", count=found["erased"]))
        if unsure:
            told.append(self.say("changes-unsure", names=", ".join(short(name) for name in unsure[-3:])))
        return "\n\n".join(told) or self.say("changes-none")

    def _day(self, day: str) -> str:
        year, month, of_month = day.split("-")
        return self.say("changes-day", year=year, month=month, day=of_month)

    def _change_line(self, change: Mapping[str, Any]) -> str:
        rows = [Row.model_validate(row) for row in change["rows"]]
        whole = change["action"] == "create" or change["archives"]
        what = "" if whole else "; ".join(self._row_done(row, "changes-row") for row in rows)
        key = "changes-undo-create" if change["archives"] else f"changes-{change['action']}"
        said = self.say(key, time=change["at"][11:16], name=short(change["name"]))
        undone = "changes-partly-undone" if change["partly"] else "changes-undone"
        back = f" {self.say(undone)}" if change["undone"] else ""
        return f"- {said}{': ' if what else ''}{what}{back} {self._link(change['url'])}".rstrip()

    def _row_done(self, row: Row, key: str = "done-change") -> str:
        before, after = (
            short(self.shown(row.property, value) or "") or self.say("empty-value") for value in (row.before, row.after)
        )
        return self.say(key, label=literal(self.label(row.property)), after=after, before=before)


def _whose(change: Change) -> str:
    return f"{change.display} ({change.about})" if change.about else change.display


def short(text: str, length: int = 120) -> str:
    """A value of unknown origin and length for a sentence: literal, and cut where it is long."""
    return literal(text if len(text) <= length else f"{text[:length].rstrip()}…")
