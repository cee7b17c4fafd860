"""Sentences as data: complete in both languages, strict about variables, overridden by an operator."""

from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from prompts import PromptError, Prompts


def test_every_error_has_its_sentence() -> None:
    """Each error that can reach a user has a sentence in both languages."""
    prompts = Prompts()

    def leaves(kind: Any) -> list[Any]:
        below = kind.__subclasses__()
        return [leaf for child in below for leaf in leaves(child)] if below else [kind]

    codes = {kind.code for kind in (*leaves(errors.CrmError), *leaves(errors.StoreError), errors.StoreError)}
    for code in codes:
        assert prompts.has(f"error-{code.replace('_', '-')}"), code


def test_a_missing_or_unused_variable_is_an_error() -> None:
    """A sentence is only said with exactly its variables."""
    prompts = Prompts()
    for values in ({}, {"name": "x", "more": "y"}):
        with pytest.raises(PromptError):
            prompts.say("da", "done-gone", **values)
    with pytest.raises(PromptError):
        prompts.say("da", "no-such-sentence")


def test_the_operators_greeting_is_said(tmp_path: Path) -> None:
    """A folder of prompts overrides the sentences it has, in its language, and no others."""
    (tmp_path / "da").mkdir()
    (tmp_path / "da" / "own.ftl").write_text("greeting = Goddag hos Nordlys.\n", "utf-8")
    prompts = Prompts(tmp_path)
    assert prompts.say("da", "greeting") == "Goddag hos Nordlys."
    assert prompts.say("en", "greeting").startswith("Hello")


@pytest.mark.parametrize(
    "text", ["no-such-sentence = x\n", "greeting = { $name }\n", "done-gone = uden variabel\n", "not fluent at all"]
)
def test_a_wrong_override_is_refused_at_start(tmp_path: Path, text: str) -> None:
    """An override that names an unknown sentence or other variables, or cannot be read, is refused."""
    (tmp_path / "da").mkdir()
    (tmp_path / "da" / "own.ftl").write_text(text, "utf-8")
    with pytest.raises(PromptError):
        Prompts(tmp_path)


def test_the_system_prompt_can_be_overridden(tmp_path: Path) -> None:
    """The operator's system prompt is used, and must leave room for language and desk; the day is its choice."""
    (tmp_path / "system.md").write_text("Only {language}. {desk}", "utf-8")
    said = Prompts(tmp_path).system(language="Danish", desk="(empty)", today="Monday")
    assert said == "Only Danish. (empty)"
    (tmp_path / "system.md").write_text("Nothing to fill in", "utf-8")
    with pytest.raises(PromptError):
        Prompts(tmp_path)
