"""Scores, and how they are shown: as a table, as JSON, and as a plot. Of sealed tasks only numbers are shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from textwrap import indent
from typing import Any

from evals.judge import Harm
from evals.runner import Run
from evals.tasks import KINDS

LANGUAGES = {"da": "Danish", "en": "English"}
IN_SCOPE_TARGET, SEALED_WITHIN = 0.95, 0.10
FAILURES_SHOWN = 3  # of a task


@dataclass(frozen=True)
class Score:
    """How many tasks there are, and how many were solved in every one of their runs."""

    tasks: int
    solved: int

    @classmethod
    def of(cls, runs: Iterable[Run]) -> "Score":
        """The score of some runs; those of one task count together."""
        ordered = sorted(runs, key=lambda run: run.task.id)
        tasks = [list(same) for _, same in groupby(ordered, key=lambda run: run.task.id)]
        return cls(len(tasks), sum(all(run.verdict.success for run in same) for same in tasks))

    @property
    def share(self) -> float:
        """The part that was solved; 0 where there are no tasks."""
        return self.solved / self.tasks if self.tasks else 0.0

    def __str__(self) -> str:
        return f"{self.solved}/{self.tasks}" if self.tasks else ""

    @property
    def percent(self) -> str:
        """The share as it is shown."""
        return f"{100 * self.share:.0f} %" if self.tasks else ""


@dataclass(frozen=True)
class Result:
    """All runs of one subject: who answered, and how often each task was played."""

    subject: str
    runs: Sequence[Run]
    repeat: int = 1

    @property
    def open(self) -> list[Run]:
        """The runs of tasks that may be shown."""
        return [run for run in self.runs if not run.task.sealed]

    @property
    def sealed(self) -> list[Run]:
        """The runs of sealed tasks."""
        return [run for run in self.runs if run.task.sealed]

    @property
    def harm(self) -> Harm:
        """What must never happen, over all runs."""
        return sum((run.verdict.harm for run in self.runs), Harm())

    def mean(self, name: str) -> float:
        """The mean of a number of the runs."""
        return sum(getattr(run, name) for run in self.runs) / len(self.runs) if self.runs else 0.0

    def targets(self) -> list[tuple[str, bool]]:
        """What must be true of the guided model, and whether it is."""
        scope, sealed = Score.of(in_scope(self.open)), Score.of(in_scope(self.sealed))
        found = [(f"tasks in its scope, 95 %: {scope} ({scope.percent})", scope.share >= IN_SCOPE_TARGET)]
        if sealed.tasks:
            near = sealed.share >= scope.share - SEALED_WITHIN
            found.append((f"the same of the sealed ones, within 10 points: {sealed} ({sealed.percent})", near))
        return [*found, (f"harm, none: {told(self.harm)}", self.harm == Harm())]


def in_scope(runs: Iterable[Run]) -> list[Run]:
    """The runs of tasks that a model without a language model should solve."""
    return [run for run in runs if run.task.guided]


def told(harm: Harm) -> str:
    """Harm in words."""
    return f"{harm.wrong_records} wrong records, {harm.duplicates} duplicates, {harm.unapproved} unapproved writes"


def reasons(result: Result) -> str:
    """How many of the tasks that may be shown failed for which reason."""
    found = Counter(reason for run in result.open for reason in {one.reason for one in run.verdict.failures})
    return ", ".join(f"{reason} {count}" for reason, count in found.most_common())


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| "
        + " | ".join(c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True)))
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 1) + (":" if n else "-") for n, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def by_kind(result: Result) -> str:
    """The table of one subject: solved tasks by kind and language, and those in the guided model's scope."""
    rows = [("kind", *LANGUAGES.values(), "all", "", "in scope", "")]
    present = [kind for kind in KINDS if any(run.task.kind == kind for run in result.open)]
    rows += [_row(kind.replace("_", " "), [run for run in result.open if run.task.kind == kind]) for kind in present]
    rows.append(_row("**all of these**", result.open))
    if result.sealed:
        rows.append(_row("**sealed tasks**", result.sealed))
    return markdown(rows)


def _row(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    both, scope = Score.of(runs), Score.of(in_scope(runs))
    languages = (str(Score.of(run for run in runs if run.task.language == language)) for language in LANGUAGES)
    return name, *languages, str(both), both.percent, str(scope), scope.percent


def compared(results: Sequence[Result]) -> str:
    """The table of several subjects over all tasks, sealed ones included."""
    heads = ("who answers", "solved", "wrong records", "duplicates", "unapproved writes", "model calls", "input tokens")
    rows = [heads]
    for result in results:
        score, harm = Score.of(result.runs), result.harm
        costs = (f"{result.mean('model_calls'):.1f}", f"{result.mean('tokens'):,.0f}")
        counts = (str(harm.wrong_records), str(harm.duplicates), str(harm.unapproved))
        rows.append((result.subject, f"{score} ({score.percent})", *counts, *costs))
    return markdown(rows)


def failed(result: Result, *, talk: bool = False) -> str:
    """The tasks that were not solved, each with its reasons and, if asked for, its conversation; sealed ones only as a
    number.
    """
    lines = []
    for run in result.open:
        if run.verdict.failures:
            shown = [f"{one.reason}: {one.detail}" for one in run.verdict.failures[:FAILURES_SHOWN]]
            more = len(run.verdict.failures) - len(shown)
            scope = "" if run.task.guided else " (out of the guided model's scope)"
            lines.append(f"- {run.task.id}{scope}\n" + "\n".join(f"    {line}"[:200] for line in shown))
            lines += [f"    and {more} more"] if more else []
            lines += [f"    > {user}\n{indent(heard, '        ')}" for user, heard in run.talk if talk]
    sealed = Score.of(result.sealed)
    if sealed.solved < sealed.tasks:
        lines.append(f"- {sealed.tasks - sealed.solved} sealed tasks, of which nothing is shown")
    return "\n".join(lines)


def as_json(result: Result) -> dict[str, Any]:
    """Everything that may be told of a result."""
    return {
        "subject": result.subject,
        "repeat": result.repeat,
        "harm": asdict(result.harm),
        "sealed": {
            "all": asdict(Score.of(result.sealed)),
            "in_scope": asdict(Score.of(in_scope(result.sealed))),
        },
        "runs": [
            {
                "id": run.task.id,
                "kind": run.task.kind,
                "language": run.task.language,
                "guided": run.task.guided,
                "success": run.verdict.success,
                "failures": [asdict(failure) for failure in run.verdict.failures],
                "seconds": round(run.seconds, 3),
                "model_calls": run.model_calls,
                "crm_calls": run.crm_calls,
                "tokens": run.tokens,
                "talk": run.talk,
            }
            for run in result.open
        ],
    }
