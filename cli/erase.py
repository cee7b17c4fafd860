"""``python -m cli.erase``: erases a person from everything that is kept here, and says what it could not erase.

Ends with status 0 where nothing is left of what the person is known by, 1 where something is, 2 where it is not clear
who is meant. HubSpot is only asked, never changed.
"""

import argparse
import asyncio
import logging
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.doctor import language_of
from crm import Portal, open_portal
from crm.domain import SUMMARY, Contact, errors, normalise
from crm.privacy import DataSubject, backups, compact, data_subject_of, erase, full_names, known, mentioned_aside
from crm.privacy import mentions as still_mentioned
from crm.search import find
from crm.store import UnusableDatabase, set_aside, typed_errors
from graph.checkpoint import open_saver
from prompts import Prompts
from settings import Settings, SettingsError, load_settings
from ui import chats

LEDGER, CONVERSATIONS, CHATS = "ledger.db", "conversations.db", "chat.db"


@dataclass
class Report:
    """What is said, and whether anything was left."""

    say: Callable[..., str]
    lines: list[str] = field(default_factory=list)
    status: int = 0

    def add(self, key: str, *, status: int = 0, **values: str | int) -> None:
        self.lines.append(" ".join(self.say(key, **values).split()))
        self.status = max(self.status, status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Erases, prints what came of it, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="erase", description=__doc__)
    one = parser.add_mutually_exclusive_group(required=True)
    for name in ("contact", "email", "phone"):
        one.add_argument(f"--{name}")
    parser.add_argument("--mentions", action="store_true", help="erase what mentions a number or the full name, too")
    parser.add_argument("--known-as", action="append", default=[], help="a number or full name to look for, too")
    given = parser.parse_args(arguments)
    logging.disable()  # what the libraries log is no sentence for an operator
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    language, say = language_of(settings.language), Prompts().say
    report = Report(lambda key, **values: say(language, key, **values))
    asyncio.run(_erase(settings, given, report))
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter
    print("\n".join(report.lines))
    return report.status


async def _erase(settings: Settings, given: argparse.Namespace, report: Report) -> None:
    who = _given(given, settings.region)
    if not who:
        report.add("erase-none", status=2)
        return
    token, folder = settings.hubspot_access_token, settings.var_dir
    set_aside(folder)
    try:
        async with open_portal(
            token=token.get_secret_value() if token else "",
            api_url=settings.hubspot_api_url,
            api_version=settings.hubspot_api_version,
            ledger=folder / LEDGER,
            region=settings.region,
        ) as portal:
            about = await _everything(portal, who, _known_as(given, settings.region), report, asked=token is not None)
            if report.status:
                return
            await _ledger(portal, who, about, report, mentions=given.mentions)
    except UnusableDatabase as error:
        report.add("erase-broken", status=1, file=str(folder / LEDGER), why=str(error))
        return
    await _conversations(folder, about, report)
    _files(folder, about, report)
    report.add("erase-elsewhere")


def _given(given: argparse.Namespace, region: str) -> DataSubject:
    email = (given.email or "").strip().casefold()
    phone = normalise.national(given.phone or "", region)
    contact = (given.contact or "").strip()
    return DataSubject(
        frozenset([contact] if contact.isascii() and contact.isdigit() else []),
        frozenset([email] if "@" in email else []),
        frozenset([phone] if phone else []),
    )


def _known_as(given: argparse.Namespace, region: str) -> DataSubject:
    phones = (normalise.national(text, region) for text in given.known_as if not any(c.isalpha() for c in text))
    return DataSubject(phones=frozenset(phone for phone in phones if phone), names=full_names(given.known_as))


async def _everything(
    portal: Portal, who: DataSubject, known_as: DataSubject, report: Report, *, asked: bool
) -> DataSubject:
    """All that the person is known by: as given, in HubSpot and in the ledger. Several contacts end it."""
    database, region = portal.ledger.database, portal.region
    found: list[Contact] = []
    if asked:
        found = await _in_hubspot(portal, who, report)
    else:
        report.add("erase-no-hubspot", error="HUBSPOT_ACCESS_TOKEN")
    ids = frozenset(contact.id for contact in found)
    about = await known(database, who | DataSubject(ids), region)
    about |= known_as
    for contact in found:
        about |= data_subject_of(contact.properties, region, contact_id=contact.id)
    if len(about.ids) > 1:
        report.add("erase-several", status=2, ids=", ".join(sorted(about.ids)))
    else:
        everything = about | who
        terms = [*everything.ids, *everything.emails, *everything.phones, *everything.names]
        report.add("erase-looked-up", found="; ".join(sorted(terms)))
    return about | who


async def _in_hubspot(portal: Portal, who: DataSubject, report: Report) -> list[Contact]:
    (ref,) = who.ids or who.emails or who.phones
    try:
        contact_id = ref if who.ids else (await find(portal, ref)).id
        return [await portal.gateway.get(contact_id, (*SUMMARY, "hs_additional_emails", "fax"))]
    except errors.ContactAmbiguous as several:
        return list(several.contacts)
    except (errors.Question, errors.NotFound):
        report.add("erase-not-in-hubspot")
    except errors.CrmError as error:
        report.add("erase-no-hubspot", error=error.code)
    return []


async def _ledger(portal: Portal, who: DataSubject, about: DataSubject, report: Report, *, mentions: bool) -> None:
    """Erases what is surely about the person, with ``mentions`` all that may be, and says what is left of the rest."""
    database = portal.ledger.database
    # a number or a name may be somebody else's as well
    erased = await erase(database, about if mentions else DataSubject(about.ids, about.emails, who.phones))
    report.add("erase-audit", lines=erased.lines)
    report.add("erase-claims", claims=erased.claims)
    left = await still_mentioned(database, about)
    if left.left:
        report.add("erase-left", status=1, count=left.left)
    if left.lines or left.claims:
        report.add("erase-mentioned", status=1, lines=left.lines, claims=left.claims, option=_again(about))


def _again(about: DataSubject) -> str:
    # with all that the person is known by: where HubSpot has no such contact, nothing knows it any more after this run
    parts = [f"--known-as {shlex.quote(term)}" for term in sorted(about.phones | about.names)]
    return " ".join(["--mentions", *parts])


async def _conversations(folder: Path, about: DataSubject, report: Report) -> None:
    """Deletes every conversation that mentions the person in what the graph remembers, or in what the chat shows."""
    try:
        with typed_errors():
            keys = await _forgotten(folder, about)
        report.add("erase-conversations", count=len(keys))
    except errors.StoreError as error:
        report.add("erase-broken", status=1, file=str(folder), why=error.code)


async def _forgotten(folder: Path, about: DataSubject) -> set[str]:
    shown = await asyncio.to_thread(chats.mentioning, folder / CHATS, about)
    keys = {f"{user}:{thread}" for user, thread in shown}
    if (folder / CONVERSATIONS).is_file():
        async with open_saver(folder / CONVERSATIONS) as saver:
            keys |= set(await saver.mentioning(about.is_in))
            await saver.forget(sorted(keys))
    threads = [key.rpartition(":")[2] for key in keys]
    await asyncio.to_thread(chats.delete, folder / CHATS, threads)
    return keys


def _files(folder: Path, about: DataSubject, report: Report) -> None:
    for name in (LEDGER, CONVERSATIONS, CHATS):
        if not compact(folder / name):
            report.add("erase-busy", status=1, file=str(folder / name))
    for copy in backups(folder / LEDGER):
        report.add("erase-backup", status=1, file=str(copy))
    for aside in mentioned_aside(folder, about):
        report.add("erase-aside", status=1, folder=str(aside))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a thread that still waits for the network would keep the process
