"""The HTML of the pages: self-contained, every value escaped, no script and nothing fetched."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from sandbox.state.clock import iso
from sandbox.state.contacts import Contact
from sandbox.state.definitions import Definition, Definitions
from sandbox.state.records import Change
from sandbox.state.search import Found

STYLE = (Path(__file__).parent / "data" / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
COLUMNS = (("email",), ("phone", "mobilephone"), ("company",), ("city",))
NOTHING = '<span class="none">&ndash;</span>'


def record(
    portal_id: int,
    contact: Contact,
    changes: Sequence[Change],
    definitions: Definitions,
    owners: Mapping[str, str],
) -> str:
    """A contact's page: what is set, what HubSpot derived, and every change, newest first."""
    own = [(d, contact.properties[d.name]) for d in definitions if contact.properties.get(d.name) and not d.read_only]
    derived = [(d, contact.properties[d.name]) for d in definitions if contact.properties.get(d.name) and d.read_only]
    name = title_of(contact)
    note = '<p class="note">This contact is archived.</p>' if contact.archived_ms is not None else ""
    rows = "".join(_change(change, definitions, owners) for change in changes)
    return _document(
        portal_id,
        name,
        f'<header class="who"><span class="face" aria-hidden="true">{escape(_initials(contact))}</span>'
        f"<div><h1>{escape(name)}</h1><p>{escape(_subtitle(contact))}</p></div></header>{note}"
        f"<section><h2>About this contact</h2>{_values(own, owners)}</section>"
        f"<section><h2>History</h2><table><thead><tr><th>When</th><th>Property</th><th>Before</th><th>After</th>"
        f"</tr></thead><tbody>{rows}</tbody></table></section>"
        f"<section><details><summary>Set by the CRM</summary>{_values(derived, owners)}</details></section>",
    )


def listing(portal_id: int, found: Found, query: str, page: int, per_page: int) -> str:
    """The list of contacts: one page of them, a search box, links to the neighbouring pages."""
    base = f"/contacts/{portal_id}/objects/0-1/views/all/list"
    rows = "".join(
        f'<tr><td><a href="/contacts/{portal_id}/record/0-1/{contact.id}">{escape(title_of(contact))}</a></td>'
        + "".join(f"<td>{escape(_first(contact, *names))}</td>" for names in COLUMNS)
        + "</tr>"
        for contact in found.contacts
    )
    links = []
    if page > 1:
        links.append(f'<a rel="prev" href="{_link(base, query, page - 1)}">← Previous</a>')
    if found.after is not None:
        links.append(f'<a rel="next" href="{_link(base, query, page + 1)}">Next →</a>')
    start = (page - 1) * per_page
    shown = f"{start + 1}&ndash;{start + len(found.contacts)} of {found.total}" if found.contacts else "No contacts"
    return _document(
        portal_id,
        "Contacts",
        f'<h1>Contacts</h1><form action="{base}" role="search"><input type="search" name="q" '
        f'value="{escape(query)}" placeholder="Name, email, phone or company" aria-label="Search contacts">'
        f"<button>Search</button></form><section><table><thead><tr><th>Name</th><th>Email</th><th>Phone</th>"
        f"<th>Company</th><th>City</th></tr></thead><tbody>{rows}</tbody></table></section>"
        f'<nav class="pages"><span>{shown}</span>{" ".join(links)}</nav>',
    )


def missing(portal_id: int) -> str:
    """The page for a contact that does not exist."""
    return _document(
        portal_id,
        "Not found",
        "<h1>Not found</h1><p>There is no contact at this address. It may never have existed.</p>",
    )


def title_of(contact: Contact) -> str:
    """What to call a contact: its name, else its email, else its id."""
    name = f"{contact.properties.get('firstname', '')} {contact.properties.get('lastname', '')}".strip()
    return name or contact.properties.get("email") or f"Contact {contact.id}"


def _document(portal_id: int, title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Sandbox CRM</title><style>{STYLE}</style></head><body>"
        f'<div class="bar"><a href="/contacts/{portal_id}/objects/0-1/views/all/list">Sandbox CRM</a>'
        f"<span>Portal {portal_id} · fictional data</span></div><main>{body}</main></body></html>"
    )


def _values(pairs: Sequence[tuple[Definition, str]], owners: Mapping[str, str]) -> str:
    rows = "".join(
        f'<dt title="{escape(definition.name)}">{escape(definition.label)}</dt><dd dir="auto">'
        f"{escape(_shown(definition, value, owners))}</dd>"
        for definition, value in pairs
    )
    return f"<dl>{rows}</dl>"


def _shown(definition: Definition, value: str, owners: Mapping[str, str]) -> str:
    if definition.name == "hubspot_owner_id":
        return owners.get(value, value)
    labels = definition.labels
    if labels and definition.many:
        return ", ".join(labels.get(part, part) for part in value.split(";"))
    return labels.get(value, value)


def _initials(contact: Contact) -> str:
    words = title_of(contact).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _subtitle(contact: Contact) -> str:
    parts = [contact.properties.get(name, "") for name in ("jobtitle", "company", "email")]
    return " · ".join(part for part in parts if part)


def _first(contact: Contact, *names: str) -> str:
    return next((contact.properties[name] for name in names if contact.properties.get(name)), "")


def _time(at_ms: int) -> str:
    text = iso(at_ms)
    return f'<time datetime="{text}">{text[:10]} {text[11:19]}</time>'


def _change(change: Change, definitions: Definitions, owners: Mapping[str, str]) -> str:
    definition = definitions.get(change.name)
    cells = (
        f"<bdi>{escape(_shown(definition, value, owners) if definition else value)}</bdi>" if value else NOTHING
        for value in (change.old, change.new)
    )
    label = escape(definitions.label(change.name))
    return f"<tr><td>{_time(change.at_ms)}</td><td>{label}</td><td>{'</td><td>'.join(cells)}</td></tr>"


def _link(base: str, query: str, page: int) -> str:
    return escape(f"{base}?{urlencode({'q': query, 'page': page})}")
