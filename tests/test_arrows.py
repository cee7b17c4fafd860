"""The arrows of docs and house: which room may import which, and what each room may not import from outside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# room -> what it may import of ours, besides itself
ARROWS = {
    "ui": {"graph", "crm", "prompts"},
    "cli": {"graph", "crm", "prompts"},
    "graph": {"tools", "guided", "crm", "prompts"},
    "tools": {"crm", "prompts"},
    "guided": {"crm", "prompts"},
    "crm": set(),
    "prompts": set(),
    "sandbox": set(),
    "settings": set(),
}
ENTRY_POINTS = {"graph/assistant.py", "graph/studio.py", "ui/app.py"}
WATCHED = {*ARROWS, "evals", "benchmarks", "tests", "support"}

# room -> libraries that would be the wrong depth there
NEVER = {
    "crm": {"langchain", "langchain_core", "langchain_openai", "langgraph", "chainlit", "openai"},
    "tools": {"hubspot", "requests", "httpx", "httpx2", "urllib3", "aiohttp", "chainlit"},
    "guided": {"hubspot", "requests", "httpx", "httpx2", "urllib3", "aiohttp", "chainlit", "langgraph"},
    "graph": {"hubspot", "requests", "httpx", "httpx2", "urllib3", "aiohttp", "chainlit"},
    "prompts": {"langchain", "langchain_core", "langgraph", "chainlit", "hubspot"},
    "sandbox": {"langchain", "langchain_core", "langgraph", "chainlit", "hubspot"},
    "ui": {"hubspot"},
}
# openai's client is made of it: what bounds a model's answers stands in the streams of this library
MAY = {"graph/transport.py": {"httpx2"}}


def imports(source: str, package: str) -> Iterator[str]:
    """Top-level names that the source imports, wherever the import stands: also in functions, also by name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from (alias.name.split(".")[0] for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield module.split(".")[0]
            case ast.ImportFrom():
                parts = package.split(".")
                base = parts[: len(parts) - node.level + 1] or ["(above the checkout)"]
                yield base[0]
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module.lstrip(".").split(".")[0]


def wrong_arrows(path: str, source: str) -> set[str]:
    """Imports of this file that no arrow allows."""
    parts = Path(path).with_suffix("").parts
    room, package = parts[0], ".".join(parts[:-1])
    allowed = {room, *ARROWS[room]}
    if path in ENTRY_POINTS or room == "cli":
        allowed.add("settings")
    found = set(imports(source, package))
    return ((found & WATCHED) - allowed) | (found & NEVER.get(room, set()) - MAY.get(path, set()))


def files() -> list[str]:
    rooms = [ROOT / "settings.py", *(path for room in ARROWS for path in (ROOT / room).rglob("*.py"))]
    return sorted(str(path.relative_to(ROOT)) for path in rooms)


@pytest.mark.parametrize("path", files())
def test_every_import_follows_an_arrow(path: str) -> None:
    """A file imports only the rooms that an arrow leads to, and no library that belongs to another room."""
    assert wrong_arrows(path, (ROOT / path).read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("crm/a.py", "import graph.state", {"graph"}),
        ("crm/a.py", "def f():\n    from langchain_core.tools import tool", {"langchain_core"}),
        ("tools/a.py", "from settings import load_settings", {"settings"}),
        ("graph/nodes.py", "import settings", {"settings"}),
        ("graph/assistant.py", "import settings", set()),
        ("graph/a.py", "from sandbox import seed", {"sandbox"}),
        ("sandbox/state/a.py", "from ..errors import E\nfrom .. import x", set()),
        ("prompts/a.py", "import importlib\nimportlib.import_module('crm.schema')", {"crm"}),
        ("guided/a.py", "if x:\n    import hubspot", {"hubspot"}),
        ("crm/a.py", "from support import fake_openai", {"support"}),
        ("ui/a.py", "import guided", {"guided"}),
        ("cli/doctor.py", "import settings, crm, graph", set()),
    ],
)
def test_a_wrong_arrow_is_seen(path: str, source: str, wrong: set[str]) -> None:
    """The check sees imports in functions, in branches and by name, and lets the drawn ones pass."""
    assert wrong_arrows(path, source) == wrong


def test_every_room_is_checked() -> None:
    """A new top-level package with code in it must be drawn before it is used."""
    outside = {"tests", "evals", "benchmarks", "requirements"}
    rooms = {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}
    assert rooms - outside <= ARROWS.keys()
