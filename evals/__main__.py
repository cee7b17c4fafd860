"""Plays the tasks and prints the scores: ``python -m evals``."""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from evals.baseline import baseline_over
from evals.chats import configured_model
from evals.crm import Crm, open_crm
from evals.readme import write_readme
from evals.report import Result, as_json, by_kind, compared, failed, reasons, told
from evals.runner import Opener, Run, assistant_over, play_all
from evals.tasks import KINDS, TASKS, Task, TaskError, load_tasks
from settings import Settings, SettingsError, load_settings
from support.children import OURS

NO_MODEL = "No language model is configured: set OPENAI_API_KEY or OPENAI_BASE_URL, and OPENAI_MODEL."
NO_BASELINE = "A plain agent has nothing but its model, so the guided model cannot stand in for one."


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evals", description="Plays conversation tasks and prints their scores."
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--model", action="store_true", help="the configured language model instead of the guided one")
    who.add_argument("--baseline", action="store_true", help="a plain three-tool agent with the configured model")
    who.add_argument("--no-gate", action="store_true", help="the guided model, every card approved by a program")
    who.add_argument("--readme", action="store_true", help="play everything, and write the README's tables and plot")
    parser.add_argument("--repeat", type=int, default=1, metavar="K", help="solved is what was solved in all K runs")
    parser.add_argument("--only", default="", metavar="REGEX", help="tasks whose id matches")
    parser.add_argument("--kind", choices=KINDS, help="tasks of one kind")
    parser.add_argument("--talk", action="store_true", help="show the conversations of the tasks that were not solved")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores and all runs as JSON")
    parser.add_argument("--tasks", type=Path, default=TASKS, metavar="FOLDER", help="where the tasks are")
    return parser.parse_args(given)


def main(options: Sequence[str] | None = None) -> int:
    """Play the tasks; return 1 where the guided model misses a target over all of them, 2 where nothing can be
    played.
    """
    given = arguments(options)
    try:
        settings = load_settings()
        if (given.model or given.baseline) and not settings.has_model:
            print(f"{NO_MODEL} {NO_BASELINE}" if given.baseline else NO_MODEL, file=sys.stderr)
            return 2
        tasks = _chosen(load_tasks(given.tasks), given)
        for name in [name for name in os.environ if name.startswith(OURS)]:
            del os.environ[name]  # what is measured does not depend on what this machine is configured for
        return asyncio.run(_measure(given, settings, tasks))
    except (TaskError, SettingsError) as problem:
        print(problem, file=sys.stderr)
        return 2


def _chosen(tasks: Sequence[Task], given: argparse.Namespace) -> list[Task]:
    found = [t for t in tasks if re.search(given.only, t.id) and given.kind in (None, t.kind)]
    if not found:
        raise TaskError("There are no such tasks.")
    return found


async def _measure(given: argparse.Namespace, settings: Settings, tasks: Sequence[Task]) -> int:
    with open_crm() as crm:
        crm.check(tasks)
        async with configured_model(settings) as model:
            if given.readme:
                return await _for_the_readme(crm, model, settings, tasks)
            subject, opener = _subject(given, crm, model, settings)
            runs = await play_all(tasks, crm, opener, given.repeat, tell=_dot)
    result = Result(subject, runs, given.repeat)
    _print(result, talk=given.talk)
    if given.json:
        given.json.write_text(json.dumps(as_json(result), ensure_ascii=False, indent=1), encoding="utf-8")
    whole = not (given.model or given.baseline or given.no_gate or given.only or given.kind)
    return _met(result) if whole else 0


def _subject(
    given: argparse.Namespace, crm: Crm, model: BaseChatModel | None, settings: Settings
) -> tuple[str, Opener]:
    if given.model:
        return f"the assistant with {settings.openai_model}", assistant_over(crm, model)
    if given.baseline and model:
        return f"a plain agent with {settings.openai_model}", baseline_over(crm.sandbox.url, model)
    if given.no_gate:
        return "the guided model without the gate", assistant_over(crm, gate=False)
    return "the guided model", assistant_over(crm)


async def _for_the_readme(crm: Crm, model: BaseChatModel | None, settings: Settings, tasks: Sequence[Task]) -> int:
    subjects = [
        ("the guided model", assistant_over(crm)),
        ("the same, every card approved by a program", assistant_over(crm, gate=False)),
    ]
    if model:
        subjects += [
            (f"the assistant with {settings.openai_model}", assistant_over(crm, model)),
            (f"a plain agent with {settings.openai_model}", baseline_over(crm.sandbox.url, model)),
        ]
    results = [Result(name, await play_all(tasks, crm, opener, tell=_dot)) for name, opener in subjects]
    print("", file=sys.stderr)
    write_readme(results)
    print(compared(results))
    return _met(results[0])


def _dot(run: Run) -> None:
    print("." if run.verdict.success else "F", end="", file=sys.stderr, flush=True)


def _print(result: Result, *, talk: bool) -> None:
    print("", file=sys.stderr)
    times = f", each task {result.repeat} times: solved is what was solved every time" if result.repeat > 1 else ""
    print(f"{result.subject}{times}\n\n{by_kind(result)}\n")
    print(told(result.harm))
    print(
        f"a conversation: {result.mean('model_calls'):.1f} model calls, {result.mean('crm_calls'):.1f} CRM calls, "
        f"{result.mean('tokens'):,.0f} input tokens, {result.mean('seconds'):.1f} s"
    )
    fallbacks = sum(run.guided for run in result.runs)
    if fallbacks and "guided" not in result.subject:
        print(f"ATTENTION: the guided model answered {fallbacks} calls, as the model failed")
    if lines := failed(result, talk=talk):
        print(f"\nnot solved ({reasons(result)}):\n{lines}")


def _met(result: Result) -> int:
    targets = result.targets()
    print("")
    for target, met in targets:
        print(f"{'met   ' if met else 'MISSED'} {target}")
    return 0 if all(met for _, met in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
