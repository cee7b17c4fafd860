"""What a check found: how bad it is, and the sentence about it."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """``check`` names what was checked, ``says`` a sentence of ``prompts/*/doctor.ftl``; ``values`` fill it."""

    level: Level
    check: str
    says: str
    values: dict[str, str | int] = field(default_factory=dict)


def ok(check: str, says: str, **values: str | int) -> Finding:
    """All is well."""
    return Finding("ok", check, says, values)


def warning(check: str, says: str, **values: str | int) -> Finding:
    """The assistant works, but not fully, or not for much longer."""
    return Finding("warning", check, says, values)


def problem(check: str, says: str, **values: str | int) -> Finding:
    """The assistant does not work in this state."""
    return Finding("problem", check, says, values)


async def bounded(check: str, seconds: float, findings: Awaitable[Sequence[Finding]]) -> list[Finding]:
    """The findings of a check; a problem where it takes too long or fails unexpectedly."""
    try:
        async with asyncio.timeout(seconds):
            return list(await findings)
    except TimeoutError:
        return [problem(check, "doctor-timeout", seconds=round(seconds))]
    except Exception as error:  # the name only: what an error holds may be a secret
        return [problem(check, "doctor-unexpected", error=type(error).__name__)]
