"""Duplicate scoring on a public file, beside exact matching."""

import pytest

from benchmarks import duplicates


@pytest.fixture(scope="module")
def rows() -> list[duplicates.Row]:
    file = duplicates.data_file()
    if file is None:
        pytest.skip(f"{duplicates.NAME} is not in ASSISTANT_TEST_DATA or ../shared/data")
    return duplicates.read(file)


def test_likeness_finds_more_duplicates_than_exact_matching(rows: list[duplicates.Row]) -> None:
    """At a precision of 0.99 and more, likeness has a higher F1 than exact email and exact name."""
    ours = duplicates.compared(duplicates.alike(rows), rows)
    email = duplicates.compared(duplicates.same_email(rows), rows)
    name = duplicates.compared(duplicates.same_name(rows), rows)
    assert ours.precision >= 0.99
    assert ours.f1 > max(email.f1, name.f1)
    assert (round(email.recall, 3), email.precision) == (0.539, 1.0)


def test_both_halves_of_the_people_score_alike(rows: list[duplicates.Row]) -> None:
    """Parted by person, either half keeps the precision, so the figure does not hang on a few people."""
    for half in duplicates.halves(rows):
        score = duplicates.compared(duplicates.alike(half), half)
        assert score.precision >= 0.99
        assert score.recall > 0.9
