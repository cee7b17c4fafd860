"""The loader: it takes tasks in their form, and names the task where something is wrong."""

from pathlib import Path

import pytest

from evals.tasks import SEALED, TaskError, load_tasks

GOOD = """
[[task]]
id = "da-one"
language = "da"
kind = "update"
guided = true
about = "One."
[[task.start]]
key = "mette"
firstname = "Mette"
[[task.step]]
say = "ret Mette til Merete"
[[task.end]]
contact = "mette"
firstname = "Merete"
[task.reply]
has = ["opdateret"]
shows = ["mette"]
"""


def written(folder: Path, text: str, name: str = "one.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_good_task_is_loaded(tmp_path: Path) -> None:
    """A task in its form is read, with the default limits; only the file called sealed is sealed."""
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("da-one", "da-two"), SEALED)
    one, two = load_tasks(tmp_path)
    assert (one.id, one.sealed, two.id, two.sealed) == ("da-one", False, "da-two", True)
    assert one.limits.model_calls == 8
    assert one.start[0].properties == {"firstname": "Mette"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('about = "One."', 'about = "One."\nextra = 1', "da-one: extra"),
        ('about = "One."', 'about = "One."\nsealed = true', "da-one: sealed"),
        ('language = "da"', 'language = "de"', "da-one: language"),
        ('kind = "update"', 'kind = "delete"', "da-one: kind"),
        ("guided = true", "", "da-one: guided"),
        ('contact = "mette"', 'contact = "lars"', "end names the unknown contact lars"),
        ('shows = ["mette"]', 'shows = ["lars"]', "shows names the unknown contact lars"),
        ('shows = ["mette"]', 'hides = ["lars"]', "hides names the unknown contact lars"),
        ('has = ["opdateret"]', 'has = ["MERETE|opdateret"]', "the user's own words satisfy the fact"),
        ('has = ["opdateret"]', 'has = ["("]', "is no regular expression"),
        ('say = "ret Mette til Merete"', 'say = "x"\npress = "1"', "a step is one of say, press and decide"),
        ('say = "ret Mette til Merete"', 'press = "delete"', "da-one: step.0.press"),
        ('firstname = "Merete"', "", "a contact of the end has no properties"),
        ('key = "mette"', 'key = "new"', "the keys of the start must differ, and none is called new"),
        ('firstname = "Mette"', "firstname = 7", "da-one: start.0.firstname"),
    ],
)
def test_a_wrong_task_is_named(tmp_path: Path, old: str, new: str, why: str) -> None:
    """Whatever is wrong with a task is an error that holds its id and what it is."""
    assert old in GOOD
    with pytest.raises(TaskError) as refused:
        load_tasks(written(tmp_path, GOOD.replace(old, new)))
    assert "da-one" in str(refused.value)
    assert why in str(refused.value)


def test_an_id_stands_once_over_all_files(tmp_path: Path) -> None:
    """Two tasks with one id are an error, also in two files."""
    written(tmp_path, GOOD)
    with pytest.raises(TaskError, match="da-one: two tasks have this id"):
        load_tasks(written(tmp_path, GOOD, "two.toml"))


def test_all_wrong_tasks_are_named_at_once(tmp_path: Path) -> None:
    """The loader reports every mistake in the tasks, not only the first."""
    wrong = GOOD.replace('language = "da"', 'language = "de"')
    with pytest.raises(TaskError, match=r"da-one: language.*\nda-two: language"):
        load_tasks(written(tmp_path, wrong + wrong.replace("da-one", "da-two")))


def test_a_mistake_in_a_sealed_task_shows_nothing_of_it(tmp_path: Path) -> None:
    """The error names the sealed task, and quotes nothing."""
    wrong = GOOD.replace('has = ["opdateret"]', 'has = ["merete"]')
    with pytest.raises(TaskError) as refused:
        load_tasks(written(tmp_path, wrong, SEALED))
    assert "da-one" in str(refused.value)
    assert "merete" not in str(refused.value).casefold()
