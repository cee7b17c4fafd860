"""The arrows of docs and house: which room may import which, and what each room may not import from outside."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# room -> what it may import of ours, besides itself
ARROWS = {
    "ui": {"graph", "crm", "prompts"},
    "cli": {"graph", "ui.chats", "crm", "prompts"},
    "graph": {"tools", "guided", "language", "crm", "prompts"},
    "tools": {"crm", "prompts"},
    "guided": {"language", "crm.domain", "prompts"},
    "language": {"crm.domain"},
    "crm": set[str](),
    "prompts": set[str](),
    "sandbox": set[str](),
    "settings": set[str](),
}
# the rooms inside crm, lowest first: each imports only lower ones
INNER = ("domain", "hubspot", "store", "privacy", "portal", "matching", "search", "changes", "write")
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
    """Full names of the modules that the source imports, wherever the import stands: also in functions, also by name.

    ``from a import b`` yields ``a``, and ``a.b`` as well where that is a module.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield from _imported(module, node.names)
            case ast.ImportFrom():
                parts = package.split(".")
                base = parts[: len(parts) - node.level + 1] or ["(above the checkout)"]
                yield from _imported(".".join([*base, *filter(None, [node.module])]), node.names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module.lstrip(".")


def _imported(module: str, names: list[ast.alias]) -> Iterator[str]:
    inside = [f"{module}.{alias.name}" for alias in names]
    modules = [name for name in inside if _is_module(name)]
    if len(modules) < len(names) or module.split(".")[0] not in ARROWS:
        yield module
    yield from modules


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def wrong_arrows(path: str, source: str) -> set[str]:
    """Imports of this file that no arrow allows."""
    parts = Path(path).with_suffix("").parts
    room, package = parts[0], ".".join(parts[:-1])
    allowed = {room, *ARROWS[room]}
    if path in ENTRY_POINTS or room == "cli":
        allowed.add("settings")
    found = set(imports(source, package))
    ours = {name for name in found if name.split(".")[0] in WATCHED}
    wrong = {name for name in ours if not any(name == arrow or name.startswith(f"{arrow}.") for arrow in allowed)}
    wrong |= {name for name in ours if name.startswith("crm.") and not _is_down(parts, name)}
    never = NEVER.get(room, set()) - MAY.get(path, set())
    return wrong | {name for name in found if name.split(".")[0] in never}


def _is_down(parts: tuple[str, ...], name: str) -> bool:
    """Whether a file may import this module of ``crm``: its own room's, or the face of a lower room.

    A module that a face exports (``crm.domain.errors``) counts as the face.
    """
    target, *inside = name.split(".")[1:]
    if parts[0] == "crm" and parts[1] == target:
        return True
    lower = parts[0] != "crm" or parts[1] == "__init__" or INNER.index(target) < INNER.index(parts[1])
    return lower and (not inside or (len(inside) == 1 and inside[0] in _exported(target)))


@cache
def _exported(room: str) -> frozenset[str]:
    """The names that the face of a room inside ``crm`` exports."""
    face = ast.parse((ROOT / "crm" / room / "__init__.py").read_text(encoding="utf-8"))
    lists = (node.value for node in face.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.List))
    return frozenset(item.value for names in lists for item in names.elts if isinstance(item, ast.Constant))


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
        ("crm/domain/a.py", "import graph.state", {"graph.state"}),
        ("crm/domain/a.py", "def f():\n    from langchain_core.tools import tool", {"langchain_core.tools"}),
        ("tools/a.py", "from settings import load_settings", {"settings"}),
        ("graph/nodes.py", "import settings", {"settings"}),
        ("graph/assistant.py", "import settings", set()),
        ("graph/a.py", "from sandbox import seed", {"sandbox.seed"}),
        ("sandbox/state/a.py", "from ..errors import E\nfrom .. import x", set()),
        ("prompts/a.py", "import importlib\nimportlib.import_module('crm.domain')", {"crm.domain"}),
        ("guided/a.py", "if x:\n    import hubspot", {"hubspot"}),
        ("crm/store/a.py", "from support import fake_openai", {"support"}),
        ("ui/a.py", "import guided", {"guided"}),
        ("graph/a.py", "from evals.tasks import Task", {"evals.tasks"}),
        ("cli/doctor.py", "import settings, crm, graph", set()),
        ("cli/erase.py", "from ui import chats", set()),
        ("cli/erase.py", "from ui import page", {"ui.page"}),
        ("language/a.py", "from crm.domain import Schema", set()),
        ("guided/a.py", "from crm.search import find", {"crm.search"}),
        ("crm/store/a.py", "from crm.domain import errors", set()),
        ("crm/store/a.py", "from crm.domain.change import Change", {"crm.domain.change"}),
        ("crm/store/a.py", "from crm.write import apply", {"crm.write"}),
        ("crm/store/a.py", "from crm.store.ledger import Ledger", set()),
        ("crm/search/a.py", "from crm.portal import Portal", set()),
        ("crm/store/a.py", "from crm.portal import Portal", {"crm.portal"}),
        ("graph/a.py", "from crm.write.executor import apply", {"crm.write.executor"}),
        ("graph/a.py", "from crm.write import apply", set()),
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
