"""Every word that is said, by code and to the model, as data files per language.

Sentences are Fluent messages (``da/*.ftl``, ``en/*.ftl``; https://projectfluent.org), the system
prompt is ``system.md``. An operator overrides any of them with a folder of the same shape. The
loader is strict: a key that is not known, and a variable that is missing or not used, is an error.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

LANGUAGES = ("da", "en")
HERE = Path(__file__).parent
LONGEST = 900  # characters of a variable


class PromptError(ValueError):
    """A prompt file is wrong, or a sentence was asked for with the wrong variables."""


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


def _messages(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    source = path.read_text("utf-8")
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, ast.Junk):
            raise PromptError(f"{path.name}: cannot be read near: {(entry.content or '').strip()[:80]!r}")
        if isinstance(entry, ast.Message):
            variables = _Variables()
            variables.visit(entry)
            assert entry.span is not None
            yield entry.id.name, source[entry.span.start : entry.span.end], frozenset(variables.names)


class Prompts:
    """The sentences of every language and the system prompt, with an operator's overrides on top.

    ``overrides`` is a folder such as ``{folder}/da/chat.ftl`` or ``{folder}/system.md``.
    Raises PromptError at once where a file is malformed, a language lacks a sentence, or an
    override names a sentence or a variable that does not exist.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        if overrides is not None and not overrides.is_dir():
            raise PromptError(f"the folder of prompts does not exist: {overrides}")
        self._variables: dict[str, frozenset[str]] = {}
        self._bundles: dict[str, FluentBundle] = {}
        for language in LANGUAGES:
            self._load(language, overrides)
        self._system = self._template(overrides)

    def _load(self, language: str, overrides: Path | None) -> None:
        bundle = FluentBundle([language], use_isolating=False)
        seen: set[str] = set()
        for path in sorted((HERE / language).glob("*.ftl")):
            for key, source, variables in _messages(path):
                if key in seen:
                    raise PromptError(f"{path.name}: {key} stands twice")
                if self._variables.setdefault(key, variables) != variables:
                    raise PromptError(f"{key}: the variables differ between the languages")
                seen.add(key)
                bundle.add_resource(FluentResource(source))
        if missing := self._variables.keys() - seen:
            raise PromptError(f"{language} lacks: {', '.join(sorted(missing))}")
        for path in sorted((overrides / language).glob("*.ftl")) if overrides else ():
            for key, source, variables in _messages(path):
                if self._variables.get(key) != variables:
                    raise PromptError(f"{path}: {key} is not a sentence with the variables {sorted(variables)}")
                bundle.add_resource(FluentResource(source), allow_overrides=True)
        self._bundles[language] = bundle

    def _template(self, overrides: Path | None) -> str:
        path = overrides / "system.md" if overrides else HERE / "system.md"
        text = (path if path.is_file() else HERE / "system.md").read_text("utf-8").strip()
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if not {"language", "desk"} <= used <= {"language", "desk", "today"}:
            raise PromptError(f"{path}: must use the variables language and desk, may use today, and no other")
        return text

    def say(self, language: str, key: str, **values: str | int) -> str:
        """The sentence ``key`` in ``da`` or ``en``; every variable of it, and no other, must be given.

        A value of more than 900 characters is cut. Raises PromptError.
        """
        if key not in self._variables:
            raise PromptError(f"no such sentence: {key}")
        if self._variables[key] != values.keys():
            raise PromptError(f"{key} takes {sorted(self._variables[key])}, given {sorted(values)}")
        bundle = self._bundles[language]
        pattern = bundle.get_message(key).value
        if pattern is None:
            raise PromptError(f"{key} says nothing in {language}")
        # fluent refuses longer values; a sentence that fails would hide what it is about
        arguments: dict[str, Any] = {
            name: f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value
            for name, value in values.items()
        }
        text, errors = bundle.format_pattern(pattern, arguments)
        if errors:
            raise PromptError(f"{key}: {errors[0]}")
        return str(text)

    def has(self, key: str) -> bool:
        """Whether there is a sentence ``key``."""
        return key in self._variables

    def variables(self, key: str) -> frozenset[str]:
        """The names of the variables that the sentence ``key`` takes."""
        return self._variables[key]

    def system(self, *, language: str, desk: str, today: str) -> str:
        """The system prompt for a reply in ``language`` (its English name), with the desk as text and ``today``: the
        weekday, the date and the time zone.
        """
        return self._system.format(language=language, desk=desk, today=today)


@cache
def load(overrides: Path | None = None) -> Prompts:
    """The prompts, read once per folder of overrides."""
    return Prompts(overrides)
