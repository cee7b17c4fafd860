"""What the README shows is true: its example runs, its commands exist, its drawing is the graph."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel

from crm.portal import open_portal
from graph import build_graph
from support.children import ROOT, clean_environment
from support.patience import patiently

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_runs(tmp_path: Path) -> None:
    """The example works as it stands, on the embedded sandbox: greeting, card, rejection."""
    (source,) = blocks("python")
    environment = clean_environment(ASSISTANT_DATABASE_URL=f"sqlite:///{tmp_path}", PYTHONPATH=str(ROOT))
    command = [sys.executable, "-c", source]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Hej")
    assert "E-mail None -> per.testesen@nordlys.example" in ran.stdout
    assert "annulleret" in ran.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))))
def test_every_command_exists(target: str) -> None:
    """Each make command that the README names is one of the Makefile's."""
    command = ["make", "-n", target]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


async def test_the_drawing_is_the_graph(tmp_path: Path) -> None:
    """Every arrow between two nodes in the README's drawing is one of the graph's, and none is missing."""
    async with open_portal(token="t", api_url="http://127.0.0.1:9", ledger=tmp_path / "ledger.db") as portal:
        drawn = build_graph(model=FakeListChatModel(responses=[]), crm=portal).compile().get_graph()
    real = {(e.source.strip("_"), e.target.strip("_")) for e in drawn.edges if e.target != "__end__"}
    (source,) = blocks("mermaid")
    names = re.findall(r"^ +(\w+)(?:\(\[.*?\]\))? (?:-->|-\. .*? \.->) (\w+)", source, re.MULTILINE)
    assert set(names) == real


def test_every_setting_is_documented() -> None:
    """The README's table, .env.example and the settings name the same variables."""
    from settings import Settings

    names = {(f.alias or name).upper() for name, f in Settings.model_fields.items()}
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert example == names
    assert all(f"`{name}`" in README for name in names)
