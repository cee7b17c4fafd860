"""Unforeseen errors in the log."""

import pytest

from ui import errors


def test_a_record_tells_where_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the reference, the kinds of error and the places, and nothing of their texts."""
    try:
        try:
            raise KeyError("mette@nordlys.example")
        except KeyError as cause:
            raise RuntimeError("pat-eu1-secret") from cause
    except RuntimeError as error:
        reference = errors.report(error)
    assert reference in caplog.text
    assert "KeyError" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_errors.py" in caplog.text
    assert "pat-eu1" not in caplog.text.replace('raise RuntimeError("pat-eu1-secret") from cause', "")
    assert "RuntimeError: " not in caplog.text
