"""Names: no public class or function is defined in two rooms for two things."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ui", "cli", "graph", "tools", "guided", "language", "crm", "prompts")
# why a name may stand in two rooms
REASONS = {
    "main": "every command has one",
    "language_of": "the terminal's in cli, the browser session's in ui: neither may import the other",
}


def public_names(source: str) -> set[str]:
    """The classes and functions that a module defines for others."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.parse(source).body if isinstance(node, kinds) and node.name[0] != "_"}


def room_of(path: Path) -> str:
    """``ui/cards.py`` is in ``ui``; inside ``crm`` each package is a room of its own."""
    parts = path.relative_to(ROOT).parts
    return ".".join(parts[:2]) if parts[0] == "crm" and len(parts) > 2 else parts[0]


def collisions(sources: dict[Path, str]) -> dict[str, set[str]]:
    """Name -> the rooms that define it, where these are several."""
    rooms = defaultdict(set)
    for path, source in sources.items():
        for name in public_names(source):
            rooms[name].add(room_of(path))
    return {name: where for name, where in rooms.items() if len(where) > 1}


def test_no_name_stands_for_two_things() -> None:
    """A public class or function has one room, unless a reason is given."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = collisions({path: path.read_text(encoding="utf-8") for path in files})
    assert {name: rooms for name, rooms in found.items() if name not in REASONS} == {}
    assert REASONS.keys() <= found.keys()  # no reason without its collision


def test_a_collision_is_seen() -> None:
    """Two rooms inside ``crm`` count as two; private names and names inside classes do not count."""
    one, other = ROOT / "crm" / "store" / "a.py", ROOT / "crm" / "write" / "b.py"
    assert collisions({one: "class A: ...\ndef _b(): ...", other: "async def A(): ...\ndef _b(): ..."}) == {
        "A": {"crm.store", "crm.write"}
    }
    assert collisions({one: "class A: ...", one.with_name("c.py"): "class A: ..."}) == {}
