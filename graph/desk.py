"""The desk: the structured working memory beside the messages, as a model over its JSON in the state."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from crm import Portal
from crm.domain import Change, CrmError
from graph.state import State, StateModel
from tools import ContactRecord, ContactsFound

_WIDTH, _SEARCH_WIDTH = 60, 300


class ShownContact(StateModel):
    """A contact of the list shown last, with its number there."""

    n: int
    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    company: str | None = None


class Focus(StateModel):
    """The contact that is being talked about."""

    id: str
    name: str


def owner_of(state: State, user: str, portal: Portal) -> str:
    """Return the user's owner in HubSpot: as the user said in this conversation, else ``ASSISTANT_OWNER``, else ""."""
    return (state.get("owner") or {}).get(user) or portal.owner


class Draft(StateModel):
    """Values that were collected and not yet written.

    ``contact``: the contact as the user or the model named it. ``carded``: the values stood on a card.
    """

    action: str
    contact_id: str | None = None
    contact: str | None = None
    values: Mapping[str, str] = {}
    awaiting: str | None = None
    carded: bool = False

    @classmethod
    def of(cls, change: Change) -> Self:
        """Make the draft of a proposal that was withdrawn, so that the next message can correct it."""
        values = {**dict.fromkeys(change.declined, ""), **change.values}
        name = change.display if change.contact_id else None
        return cls(action=change.action, contact_id=change.contact_id, contact=name, values=values, carded=True)


class OpenQuestion(StateModel):
    """The last question that code asked: an error's code and its parameters as JSON."""

    code: str
    params: Mapping[str, Any] = {}


class LastSearch(StateModel):
    """The search whose list is shown, as the tool takes it. ``more``: there are further pages."""

    query: str = ""
    filters: Mapping[str, str] = {}
    sort: str = ""
    page: int = 1
    total: int = 0
    more: bool = False

    @classmethod
    def of(cls, args: Mapping[str, Any], found: ContactsFound | None = None) -> Self:
        """Remember the arguments of a call that was made, and what came of it."""
        filters = args.get("filters")
        end = found.start + len(found.contacts) if found else 0
        return cls(
            query=str(args.get("query") or ""),
            filters={str(k): str(v) for k, v in filters.items()} if isinstance(filters, Mapping) else {},
            sort=str(args.get("sort") or ""),
            page=int(args.get("page") or 1),
            total=found.total if found else 0,
            more=found is not None and 0 < end < found.total,
        )

    def as_text(self) -> str:
        """Describe the search to a language model, which asks for further pages by it."""
        given = {k: v for k, v in self.model_dump(include={"query", "filters", "sort", "page"}).items() if v}
        return f"search: {json.dumps(given, ensure_ascii=False)}, {self.total} in all"


class Desk(StateModel):
    """The intent of a button, the contacts shown last, the one in focus, what was collected, and what was asked.

    ``done``: the update that was written last, until something else is asked for; its correction is an update too.
    """

    intent: Literal["search", "create", "update"] | None = None
    shown: tuple[ShownContact, ...] = ()
    focus: Focus | None = None
    draft: Draft | None = None
    question: OpenQuestion | None = None
    search: LastSearch | None = None
    done: Draft | None = None

    @classmethod
    def of(cls, state: State) -> Self:
        """Read the desk from a state."""
        return cls.model_validate(state.get("desk") or {})

    @property
    def names(self) -> dict[str, str]:
        """Id -> name of the contacts that were shown last, stood on a card that was put aside, or are in focus."""
        draft = self.draft if self.draft and self.draft.carded else None
        aside = {draft.contact_id: draft.contact or ""} if draft and draft.contact_id else {}
        focus = {self.focus.id: self.focus.name} if self.focus else {}
        return {contact.id: contact.name for contact in self.shown} | aside | focus

    @property
    def phone_settled(self) -> str | None:
        """The contact for which the user was asked which of two numbers is meant, or whose number stood on an earlier
        card.
        """
        if self.question and self.question.code == "which_phone":
            return str(self.question.params.get("contact_id"))
        if self.draft and self.draft.carded and not {"phone", "mobilephone"}.isdisjoint(self.draft.values):
            return self.draft.contact_id
        return None

    def showing(self, contacts: Sequence[ContactRecord], search: LastSearch | None = None, start: int = 0) -> Self:
        """Return the desk after a list of contacts was shown; a single contact comes into focus.

        ``search``: what found them. ``start``: how many of its contacts come before the first one of the list.
        """
        shown = tuple(
            ShownContact(n=n, id=c.id, name=c.name, **{key: c.properties.get(key) for key in _LISTED})
            for n, c in enumerate(contacts, start + 1)
        )
        focus = Focus(id=contacts[0].id, name=contacts[0].name) if len(contacts) == 1 else None
        return self.but(shown=shown, focus=focus, search=search, done=None)

    def focused(self, contact_id: str, name: str) -> Self:
        """Return the desk with this contact in focus; what was written of another one is no longer corrected."""
        done = self.done if self.done and self.done.contact_id == contact_id else None
        return self.but(focus=Focus(id=contact_id, name=name), done=done)

    def without(self, contact_id: str | None) -> Self:
        """Return the desk without a contact that no longer exists; the others keep their numbers."""
        shown = tuple(contact for contact in self.shown if contact.id != contact_id)
        gone = self.focus is not None and self.focus.id == contact_id
        return self.but(shown=shown, focus=None if gone else self.focus)

    def cleared(self) -> Self:
        """Return the desk without a draft, an open question, or what was written last."""
        return self.but(draft=None, question=None, done=None)

    def asking(self, error: CrmError, draft: Draft) -> Self:
        """Return the desk after code asked a question; the values given so far become the draft."""
        asked = self.but(draft=draft, question=OpenQuestion(code=error.code, params=dict(error.params)))
        if len(error.contacts) == 1:
            return asked.focused(error.contacts[0].id, error.contacts[0].name)
        return asked

    def as_text(self) -> str:
        """Describe the desk to a language model in a few short lines of data."""
        lines = [f"intent: {self.intent}"] if self.intent else []
        if self.focus:
            lines.append(f"in focus: {_line(self.focus.id, self.focus.name)}")
        if draft := self.draft:
            values = "; ".join(f"{k}={_cut(v)}" for k, v in draft.values.items())
            target = draft.contact_id or draft.contact or "new contact"
            lines.append(f"draft, not proposed or written: {draft.action} {_cut(target)}: {values}")
        if self.question:
            lines.append(f"you asked: {self.question.code}")
        if self.shown:
            lines.append("shown to the user:")
            lines += [f"{c.n}. {_line(c.id, c.name, c.email)}" for c in self.shown]
        if self.search and (self.search.more or self.search.page > 1 or not self.shown):
            lines.append(_cut(self.search.as_text(), _SEARCH_WIDTH))
        return "\n".join(lines) or "(empty)"


_LISTED = ("email", "phone", "company")


def _line(*values: str | None) -> str:
    return "|".join(_cut(v) for v in values if v)


def _cut(text: object, width: int = _WIDTH) -> str:
    return " ".join(str(text).replace('"""', "'''").split())[:width]
