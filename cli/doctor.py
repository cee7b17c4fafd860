"""``python -m cli.doctor``: checks settings, files and connections, and says how to mend what is wrong.

Ends with status 1 where there is a problem, else with 0. Nothing is written in HubSpot.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Sequence
from contextlib import closing

from cli.crm_checks import hubspot_findings
from cli.finding import Finding, bounded, ok, problem
from cli.local_checks import database_findings, settings_findings
from prompts import Prompts
from settings import Settings, SettingsError, load_settings

HUBSPOT_SECONDS, SANDBOX_SECONDS = 26.0, 25.0


def main() -> int:
    """Check, print, and return the exit status."""
    logging.disable()  # what the libraries log is no sentence for an operator
    try:
        settings = load_settings()
    except SettingsError as error:
        findings = [problem("settings", "doctor-settings-wrong", why=str(error))]
        language = language_of(os.environ.get("ASSISTANT_LANGUAGE", ""))
    else:
        # not asyncio.run: at its end it waits for a resolver that hangs
        with closing(asyncio.new_event_loop()) as loop:
            findings = loop.run_until_complete(examine(settings))
        language = language_of(settings.language)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter
    print("\n".join(lines(findings, language)))
    return 1 if any(finding.level == "problem" for finding in findings) else 0


async def examine(settings: Settings) -> list[Finding]:
    """Run all checks and return their findings in the order in which they are printed."""
    model = _model(settings)  # its import takes seconds: before the checks, which have time limits
    mine, database = settings_findings(settings, os.environ), database_findings(settings.var_dir)
    parts = await asyncio.gather(
        bounded("reach", HUBSPOT_SECONDS, _crm(settings)),
        model,
    )
    return [*mine, *database, *(finding for part in parts for finding in part)]


def _model(settings: Settings) -> Awaitable[list[Finding]]:
    if not settings.has_model:
        return _guided()
    from cli.model_check import model_findings, seconds  # slow to import, and often not needed

    return bounded("model", 2 * seconds(settings) + 4, model_findings(settings))


async def _guided() -> list[Finding]:
    return [ok("model", "doctor-model-guided")]


async def _crm(settings: Settings) -> list[Finding]:
    if token := settings.hubspot_access_token:
        url = settings.hubspot_api_url
        return await hubspot_findings(settings, token=token.get_secret_value(), url=url, embedded=False)
    from graph.embedded import SandboxError, embedded_sandbox

    try:
        async with asyncio.timeout(SANDBOX_SECONDS), embedded_sandbox(settings.var_dir, passing=True) as sandbox:
            found = await hubspot_findings(settings, token=sandbox.token, url=sandbox.url, embedded=True)
    except (SandboxError, OSError):  # a timeout is an OSError
        return [problem("sandbox", "doctor-sandbox-bad", folder=str(settings.var_dir))]
    return [ok("sandbox", "doctor-sandbox-ok"), *found]


def lines(findings: Sequence[Finding], language: str) -> list[str]:
    """The findings as lines of text, with a summary."""
    say = Prompts().say  # an operator's overrides are among what is checked
    told = [
        f"{say(language, 'doctor-level', level=f.level):<9} "
        f"{say(language, 'doctor-check', check=f.check)}: {' '.join(say(language, f.says, **f.values).split())}"
        for f in findings
    ]
    bad = sum(finding.level == "problem" for finding in findings)
    poor = sum(finding.level == "warning" for finding in findings)
    return [*told, "", say(language, "doctor-sum", problems=bad, warnings=poor)]


def language_of(setting: str) -> str:
    """The configured language, or else that of the terminal: Danish unless that is English."""
    if setting in ("da", "en"):
        return setting
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if locale.startswith("en") else "da"


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a thread that still waits for the network would keep the process
