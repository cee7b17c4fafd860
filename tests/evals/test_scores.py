"""The command and what it shows: tables, JSON, the README's section, and nothing of sealed tasks."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evals.__main__ import main
from evals.judge import Failure, Verdict
from evals.readme import BEGIN, END, write_readme
from evals.report import Result, Score, as_json, by_kind, compared, failed
from evals.runner import Run
from evals.tasks import Task
from support.children import ROOT, clean_environment
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, says
from support.patience import patiently

FOLDER = Path(__file__).parent


def run_evals(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evals", *arguments],
        cwd=ROOT, env=clean_environment(**environment), capture_output=True, text=True, timeout=patiently(100),
        check=False,
    )  # fmt: skip


def played(name: str, *reasons: str, language: str = "da", guided: bool = True, sealed: bool = False) -> Run:
    """A run with these failures."""
    task = Task.model_validate(
        {"id": name, "language": language, "kind": "search", "guided": guided, "about": "x",
         "step": [{"say": "hemmelig"}], "sealed": sealed}
    )  # fmt: skip
    failures = [Failure(reason, "hemmelig") for reason in reasons]  # type: ignore[arg-type]
    return Run(task, Verdict(failures), 0.1, 2, 2, 3, 1_000, [("hemmelig", "hemmelig")])


def test_a_task_is_solved_where_all_of_its_runs_are() -> None:
    """Repeated runs count as one task, which is solved only if every run succeeded."""
    runs = [played("a"), played("b"), played("a", "fact"), played("b"), played("c", "unapproved write")]
    assert Score.of(runs) == Score(tasks=3, solved=2)


def test_tables_count_by_language_and_scope() -> None:
    """The table has a column for each language and for the scope of the guided model, sealed tasks in a row apart."""
    runs = [
        played("a"), played("b", "fact", language="en"), played("c", "limit", guided=False), played("d", sealed=True),
    ]  # fmt: skip
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in by_kind(Result("x", runs)).splitlines()]
    assert ["search", "1/2", "0/1", "1/3", "33 %", "1/2", "50 %"] in rows
    assert ["**sealed tasks**", "1/1", "", "1/1", "100 %", "1/1", "100 %"] in rows
    assert "| x           | 2/4 (50 %) |" in compared([Result("x", runs)])


def test_nothing_of_a_sealed_task_is_shown() -> None:
    """Neither the list of failures, nor the JSON, nor a conversation holds anything of a sealed task but numbers."""
    result = Result("x", [played("open-one", "fact"), played("sealed-one", "fact", sealed=True)])
    shown = failed(result, talk=True)
    assert "open-one" in shown and "1 sealed tasks, of which nothing is shown" in shown
    sealed_only = Result("x", [run for run in result.runs if run.task.sealed])
    told = failed(sealed_only, talk=True) + json.dumps(as_json(sealed_only)) + by_kind(sealed_only)
    assert "hemmelig" not in told and "sealed-one" not in told


def test_targets_are_of_scope_sealed_and_harm() -> None:
    """In scope 95 %, the sealed ones within 10 points, and no harm, whether the task is in scope or not."""
    good = [played(f"t{n}") for n in range(19)]
    assert [met for _, met in Result("x", [*good, played("bad", "fact")]).targets()] == [True, True]
    assert [met for _, met in Result("x", [*good[:10], played("bad", "fact")]).targets()] == [False, True]
    sealed = [played("s1", sealed=True), played("s2", "fact", sealed=True)]
    assert [met for _, met in Result("x", [*good, *sealed]).targets()] == [True, False, True]
    harmful = played("bad", "duplicate", guided=False)
    assert [met for _, met in Result("x", [*good, harmful]).targets()] == [True, False]


def test_the_readme_gets_tables_and_a_plot(tmp_path: Path) -> None:
    """What stands between the markers is replaced, the rest stays, and the plot is an SVG with a bar for each score."""
    readme, plot = tmp_path / "README.md", tmp_path / "evals.svg"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    results = [Result("the guided <model>", [played("a"), played("b", "fact", language="en")])]
    write_readme(results, readme, plot)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n|") and text.endswith(f"{END}\nafter\n") and "old" not in text
    words = [element.text for element in ElementTree.fromstring(plot.read_text(encoding="utf-8")).iter()]
    assert {"1/1", "0/1", "search", "Solved, the guided <model>"} <= set(words)


def test_the_command_plays_and_reports(tmp_path: Path) -> None:
    """The tests' own tasks: a table, the costs, the targets, and all runs as JSON; each task twice."""
    file = tmp_path / "scores.json"
    options = ["--tasks", str(FOLDER), "--only", "^en-(reject|weather)$", "--repeat", "2", "--json", str(file)]
    done = run_evals(*options)
    assert done.returncode == 0, done.stderr
    assert "each task 2 times" in done.stdout
    assert "0 wrong records, 0 duplicates, 0 unapproved writes" in done.stdout
    runs = json.loads(file.read_text(encoding="utf-8"))["runs"]
    assert [(run["id"], run["success"]) for run in runs] == [("en-reject", True)] * 2 + [("en-weather", True)] * 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model"], "No language model is configured"),
        (["--baseline"], "A plain agent has nothing but its model"),
        (["--only", "nothing-like-this"], "There are no such tasks."),
    ],
)
def test_what_cannot_be_played_is_a_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a configured model, or without tasks, the command says so in a sentence and ends with status 2."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "")
    assert main(["--tasks", str(FOLDER), *options]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "subject", "attention"),
    [
        ("--model", "the assistant with gpt-x", False),
        ("--baseline", "a plain agent with gpt-x", False),
        ("--model", "the assistant with gpt-x", True),
    ],
)
def test_a_configured_model_is_measured(
    server: FakeOpenAI, option: str, subject: str, attention: bool,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The model of the environment answers, in the assistant or in the plain agent; where it fails and the guided
    model answers in its place, the report says so.
    """
    server.play(lambda request: Reply(status=400) if attention else says("That is nothing I can help with."))
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_MODEL", "gpt-x")
    assert main(["--tasks", str(FOLDER), "--only", "^en-weather$", option]) == 0
    shown = capsys.readouterr().out
    assert subject in shown
    assert len(server.requests) > 0 and server.requests[0].body["model"] == "gpt-x"
    assert ("the guided model answered" in shown) is attention
