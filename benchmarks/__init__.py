"""What the figures of the README are printed by: ``python -m benchmarks``.

The scripted model, the token counter and the sandbox's starter are those of the tests.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
