"""Measures the figures of the README: ``python -m benchmarks``.

It uses the tests' scripted model, token counter and sandbox.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
