"""``python -m support.survivors``, run in mutmut's folder: prints the mutants that no test detected, as JSON.

A mutant is identified by its function and its changed line, because the numbers of mutants change with every edit.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path

UNNOTICED = (0, 33)  # exit statuses: all tests passed, or there was none
EXPLAINED = Path(__file__).parents[1] / "proofs" / "survivors.toml"


def unnoticed(folder: Path) -> Iterator[str]:
    """The mutants that survived, or that no test reaches."""
    for file in sorted((folder / "mutants").rglob("*.meta")):
        found = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        yield from (told(name) for name, status in found.items() if status in UNNOTICED)


@cache
def explained() -> frozenset[str]:
    """The surviving mutants that ``survivors.toml`` explains."""
    known = tomllib.loads(EXPLAINED.read_text("utf-8"))
    return frozenset(mutant for group in known["group"] for mutant in group["mutants"])


def is_explained(name: str) -> bool:
    """Whether ``explained`` holds the mutant of this name."""
    if function_of(name) not in {mutant.partition(": ")[0] for mutant in explained()}:
        return False
    with chdir(Path(__file__).parents[3]):  # mutmut runs the tests in a folder of its own, and looks from above it
        return told(name) in explained()


def told(name: str) -> str:
    """A mutant as its function and its changed line."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # not where no mutant is tried

    path = Path(*name.split(".")[:-1]).with_suffix(".py")  # else it is looked for in files that mutmut writes meanwhile
    lines = get_diff_for_mutant(name, path=path).splitlines()
    became = " ".join(line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++"))
    return f"{function_of(name)}: {became}"


def function_of(name: str) -> str:
    """The mutant's function, with its module and class."""
    function = re.sub(r"\.xǁ(\w+?)ǁ", r".\1.", re.sub(r"__mutmut_\d+$", "", name))
    return re.sub("[.]x_", ".", function)


if __name__ == "__main__":
    print(json.dumps(sorted(unnoticed(Path.cwd())), ensure_ascii=False, indent=1))
