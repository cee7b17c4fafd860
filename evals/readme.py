"""Writes the README's section on evals, between two markers, and its plot."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from evals.report import LANGUAGES, Result, Score, by_kind, compared
from evals.runner import Run
from evals.tasks import KINDS

ROOT = Path(__file__).resolve().parents[1]
README, PLOT = ROOT / "README.md", ROOT / "docs" / "evals.svg"
BEGIN, END = "<!-- evals: written by python -m evals --readme -->", "<!-- /evals -->"
COLOURS = {"da": "#c8102e", "en": "#1f4e9c"}
LEFT, WIDTH, BAR, GAP, TOP = 110, 420, 9, 8, 34


def write_readme(results: Sequence[Result], readme: Path = README, plot: Path = PLOT) -> None:
    """Replace what stands between the markers, and the plot, by these results; the first one is shown by kind."""
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme.name} lacks the markers of the evals")
    section = (
        f"\n{compared(results)}\n\n{by_kind(results[0])}\n\n![Solved tasks by kind and language](docs/evals.svg)\n"
    )
    readme.write_text(f"{before}{BEGIN}{section}{END}{after}", encoding="utf-8")
    plot.write_text(draw(results[0]), encoding="utf-8")


def draw(result: Result) -> str:
    """A bar for each kind and language: the share of the tasks that was solved, as an SVG."""
    kinds = [kind for kind in KINDS if any(run.task.kind == kind for run in result.open)]
    row = len(LANGUAGES) * BAR + GAP
    height = TOP + row * len(kinds) + 6
    parts = [_legend(result.subject), *(_line(share, height) for share in (0, 50, 100))]
    for number, kind in enumerate(kinds):
        y = TOP + number * row
        parts.append(f'<text x="{LEFT - 8}" y="{y + BAR + 4}" text-anchor="end">{kind.replace("_", " ")}</text>')
        runs = [run for run in result.open if run.task.kind == kind]
        parts += [_bar(runs, language, y + n * BAR) for n, language in enumerate(LANGUAGES)]
    size = f'width="{LEFT + WIDTH + 60}" height="{height}" viewBox="0 0 {LEFT + WIDTH + 60} {height}"'
    style = 'font-family="sans-serif" font-size="11" fill="#333"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', _paper(height), *parts, "</svg>\n"])


def _paper(height: int) -> str:
    return f'<rect width="{LEFT + WIDTH + 60}" height="{height}" fill="#fff"/>'


def _legend(subject: str) -> str:
    marks = [
        f'<rect x="{LEFT + 260 + n * 80}" y="8" width="10" height="10" fill="{COLOURS[language]}"/>'
        f'<text x="{LEFT + 275 + n * 80}" y="17">{name}</text>'
        for n, (language, name) in enumerate(LANGUAGES.items())
    ]
    return "\n".join([f'<text x="{LEFT}" y="17">Solved, {escape(subject)}</text>', *marks])


def _line(share: int, height: int) -> str:
    x = LEFT + WIDTH * share // 100
    label = f'<text x="{x + 2}" y="{TOP - 4}" fill="#999">{share} %</text>'
    return f'<path d="M{x} {TOP - 6}V{height - 4}" stroke="#ddd"/>{label}'


def _bar(runs: Sequence[Run], language: str, y: int) -> str:
    score = Score.of(run for run in runs if run.task.language == language)
    width = round(WIDTH * score.share)
    bar = f'<rect x="{LEFT}" y="{y}" width="{width}" height="{BAR - 1}" fill="{COLOURS[language]}"/>'
    return f'{bar}<text x="{LEFT + width + 4}" y="{y + BAR - 1}" font-size="9">{score}</text>'
