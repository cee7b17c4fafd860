"""``python -m support.survivors``, in the folder where mutmut ran: the mutants that no test noticed, as a JSON list.

Each is told by its function and by what its line became, as numbers of mutants change with every edit.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

UNNOTICED = (0, 33)  # exit statuses: all tests passed, or there was none


def unnoticed(folder: Path) -> Iterator[str]:
    """The mutants that survived, or that no test reaches."""
    for file in sorted((folder / "mutants").rglob("*.meta")):
        found = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        yield from (_told(name) for name, status in found.items() if status in UNNOTICED)


def _told(name: str) -> str:
    lines = get_diff_for_mutant(name).splitlines()
    became = " ".join(line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++"))
    function = re.sub(r"__mutmut_\d+$", "", name)
    function = re.sub(r"\.xǁ(\w+?)ǁ", r".\1.", function)
    return f"{re.sub(r'[.]x_', '.', function)}: {became}"


if __name__ == "__main__":
    print(json.dumps(sorted(unnoticed(Path.cwd())), ensure_ascii=False, indent=1))
