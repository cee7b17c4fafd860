"""``python -m cli.erase``: erases a person from everything that is kept here, and says what it could not erase.

It shows what it found and asks before it erases. Status 0: nothing about the person is left. 1: something is left. 2:
nothing was erased, because it is not clear who is meant, or nobody said yes. HubSpot is read, never changed.
"""

import argparse
import asyncio
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.doctor import language_of
from crm import Portal, open_portal
from crm.domain import SUMMARY, Contact, errors, normalise
from crm.privacy import (
    DataSubject,
    backups,
    compact,
    data_subject_of,
    erase,
    full_names,
    known,
    mentioned_aside,
    mentions,
)
from crm.search import find
from crm.store import CHATS, CONVERSATIONS, LEDGER, Database, UnusableDatabase, set_aside, typed_errors
from graph.checkpoint import open_saver
from prompts import Prompts
from settings import Settings, SettingsError, load_settings
from ui import chats

YES = {"ja", "j", "yes", "y"}


@dataclass
class Report:
    """The printed sentences, and whether anything about the person was left."""

    say: Callable[..., str]
    lines: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    status: int = 0

    def add(self, key: str, *, status: int = 0, **values: str | int) -> None:
        line = " ".join(self.say(key, **values).split())
        if line not in self.said:
            self.lines.append(line)
            self.said.add(line)
        self.status = max(self.status, status)

    @contextmanager
    def going_on(self, file: Path) -> Iterator[None]:
        """Report where the file cannot be used, and go on after the block."""
        try:
            with typed_errors():
                yield
        except (errors.StoreError, UnusableDatabase) as error:
            self.add("erase-broken", status=1, file=str(file), why=error.why)

    def show(self) -> None:
        """Print what was reported since the last call."""
        if self.lines:
            print("\n".join(self.lines), flush=True)
        self.lines.clear()


@dataclass(frozen=True)
class Plan:
    """Who is to be erased, and how much was found.

    ``sure``: what surely identifies the person, for the ledger's lines and changes. ``about``: everything that may
    identify them.
    """

    sure: DataSubject
    about: DataSubject
    count: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Show what there is, ask, erase, report, and return the exit status."""
    parser = argparse.ArgumentParser(prog="erase", description=__doc__)
    one = parser.add_mutually_exclusive_group(required=True)
    for name in ("contact", "email", "phone"):
        one.add_argument(f"--{name}")
    parser.add_argument("--mentions", action="store_true", help="erase what mentions a number or the full name, too")
    parser.add_argument("--known-as", action="append", default=[], help="a number or full name to look for, too")
    parser.add_argument("--yes", action="store_true", help="erase what is found without asking")
    given = parser.parse_args(arguments)
    logging.disable()  # what the libraries log is no sentence for an operator
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    language, say = language_of(settings.language), Prompts().say
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter
    report = Report(lambda key, **values: say(language, key, **values))
    plan = asyncio.run(_plan(settings, given, report))
    if plan is not None and (plan.count == 0 or given.yes or _agreed(report)):
        asyncio.run(_erase(settings.var_dir, plan, report))
    report.show()
    return report.status


def _agreed(report: Report) -> bool:
    """Whether the operator at the terminal says yes. It asks outside of an event loop, which would delay Ctrl-C."""
    if not sys.stdin.isatty():
        report.add("erase-unasked", status=2)
        return False
    report.show()
    try:
        answer = input(f"{report.say('erase-ask')} ")
    except (EOFError, KeyboardInterrupt):
        answer = ""
        print()
    if answer.strip().casefold() in YES:
        return True
    report.add("erase-kept", status=2)
    return False


async def _plan(settings: Settings, given: argparse.Namespace, report: Report) -> Plan | None:
    """Find and report what would be erased; None where it is not clear who is meant, or a file cannot be read."""
    who = _given(given, settings.region)
    if not who:
        report.add("erase-none", status=2)
        return None
    with report.going_on(settings.var_dir):
        set_aside(settings.var_dir)
    plan = None
    with report.going_on(settings.var_dir / LEDGER):
        plan = await _found(settings, given, who, report)
    return plan  # noqa: RET504  # the block may end early


async def _found(settings: Settings, given: argparse.Namespace, who: DataSubject, report: Report) -> Plan | None:
    token, folder = settings.hubspot_access_token, settings.var_dir
    async with open_portal(
        token=token.get_secret_value() if token else "",
        api_url=settings.hubspot_api_url,
        api_version=settings.hubspot_api_version,
        ledger=folder / LEDGER,
        region=settings.region,
    ) as portal:
        about = await _everything(portal, who, _known_as(given, settings.region), report, asked=token is not None)
        if report.status == 2:
            return None
        # a number or a name may be somebody else's as well
        sure = about if given.mentions else DataSubject(about.ids, about.emails, who.phones)
        kept = await mentions(portal.ledger.database, sure)
    shown, remembered = await _mentioning(folder, about, report)
    report.add("erase-found-audit", file=LEDGER, lines=kept.lines)
    report.add("erase-found-claims", file=LEDGER, claims=kept.claims)
    report.add("erase-found-conversations", file=CONVERSATIONS, count=len(remembered))
    report.add("erase-found-conversations", file=CHATS, count=len(shown))
    return Plan(sure, about, kept.lines + kept.claims + len(remembered | shown))


async def _mentioning(folder: Path, about: DataSubject, report: Report) -> tuple[set[str], set[str]]:
    """The keys of the conversations that mention the person, in the chat's history and in what the graph remembers."""
    shown, remembered = set[str](), set[str]()
    with report.going_on(folder / CHATS):
        shown = await asyncio.to_thread(chats.mentioning, folder / CHATS, about)
    with report.going_on(folder / CONVERSATIONS):
        if (folder / CONVERSATIONS).is_file():
            async with open_saver(folder / CONVERSATIONS) as saver:
                remembered = set(await saver.mentioning(about.is_in))
    return shown, remembered


async def _erase(folder: Path, plan: Plan, report: Report) -> None:
    database = Database(folder / LEDGER)
    with report.going_on(database.path), closing(database):
        await database.open()
        await _ledger(database, plan, report)
    await _conversations(folder, plan.about, report)
    _files(folder, plan.about, report)
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
    """Collect all that identifies the person: as given, in HubSpot, and in the ledger; report several contacts."""
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


async def _ledger(database: Database, plan: Plan, report: Report) -> None:
    """Erase what is surely about the person, and report what may be about them and stays."""
    erased = await erase(database, plan.sure)
    report.add("erase-audit", lines=erased.lines)
    report.add("erase-claims", claims=erased.claims)
    left = await mentions(database, plan.about)
    if left.left:
        report.add("erase-left", status=1, count=left.left)
    if left.lines or left.claims:
        report.add("erase-mentioned", status=1, lines=left.lines, claims=left.claims, option=_again(plan.about))


def _again(about: DataSubject) -> str:
    # with all that the person is known by: where HubSpot has no such contact, nothing knows it any more after this run
    parts = [f"--known-as {shlex.quote(term)}" for term in sorted(about.phones | about.names)]
    return " ".join(["--mentions", *parts])


async def _conversations(folder: Path, about: DataSubject, report: Report) -> None:
    """Delete every conversation that mentions the person, in what the graph remembers and in the chat's history."""
    shown, remembered = await _mentioning(folder, about, report)
    keys, forgotten = shown | remembered, False
    with report.going_on(folder / CONVERSATIONS):
        if (folder / CONVERSATIONS).is_file():
            async with open_saver(folder / CONVERSATIONS) as saver:
                await saver.forget(sorted(keys))
        forgotten = True
    with report.going_on(folder / CHATS):
        await asyncio.to_thread(chats.forget, folder / CHATS, keys)
        if forgotten:
            report.add("erase-conversations", count=len(keys))


def _files(folder: Path, about: DataSubject, report: Report) -> None:
    for name in (LEDGER, CONVERSATIONS, CHATS):
        with report.going_on(folder / name):
            try:
                compact(folder / name)
            except errors.StoreBusy:
                report.add("erase-busy", status=1, file=str(folder / name))
    for copy in backups(folder / LEDGER):
        report.add("erase-backup", status=1, file=str(copy))
    for aside in mentioned_aside(folder, about):
        report.add("erase-aside", status=1, folder=str(aside))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a thread that still waits for the network would keep the process
