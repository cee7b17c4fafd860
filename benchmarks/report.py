"""Figures with their targets, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured figure and the most (``at_least``: the least) that it may be; without a target it is only shown."""

    name: str
    value: float
    target: float | None
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def row(self) -> tuple[str, str, str, str]:
        """The cells of the table."""
        if self.target is None:
            return self.name, self._text(self.value), "", ""
        sign = "≥" if self.at_least else "≤"
        return self.name, self._text(self.value), f"{sign} {self._text(self.target)}", "yes" if self.met else "NO"

    def _text(self, number: float) -> str:
        text = f"{number:,.0f}" if float(number).is_integer() and not self.unit else f"{number:,.2f}"
        return f"{text} {self.unit}".rstrip()


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [("figure", "measured", "target", "met"), *(figure.row() for figure in figures)]
    name, value, target, met = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [f"| {r[0]:<{name}} | {r[1]:>{value}} | {r[2]:>{target}} | {r[3]:<{met}} |" for r in rows]
    rule = f"|{'-' * (name + 2)}|{'-' * (value + 1)}:|{'-' * (target + 1)}:|{'-' * (met + 2)}|"
    return "\n".join([lines[0], rule, *lines[1:]])
