"""Conversation tasks and their scores: ``python -m evals``.

It uses the tests' sandbox and their list of approved writes.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
