"""What a message that is not about a contact consists of."""

from collections.abc import Collection

from .lexicon import phrases, single

# yeses that name what is done -> the actions that they fit
_NAMING = {"yes_create": {"create"}, "yes_save": {"create", "update"}}
_LONGEST = 14  # words: more is a message of its own


def answered(kind: str, doing: Collection[str]) -> str:
    """An answer of the lexicon as yes or no; one that names what is done is a yes to that alone, else ``neither``."""
    fits = _NAMING.get(kind)
    return kind if fits is None else "yes" if fits.issuperset(doing) else "neither"


def moods(folds: list[str], doing: Collection[str] = ()) -> set[str]:
    """The moods and answers that the words consist of, with nothing but courtesy between; empty where more is said.

    ``doing``: the actions that are asked about, as of ``plain_answer``.
    """
    found = set[str]()
    i = 0
    while i < len(folds) <= _LONGEST:
        matches = [m for known in (phrases("moods", "phrases"), phrases("answers")) if (m := known.at(folds, i))]
        if matches:
            kind, n = max(matches, key=lambda match: match[1])
            found.add(answered(str(kind), doing))
            i += n
        elif folds[i] in single("moods", "soft"):
            i += 1
        else:
            return set()
    return found if len(folds) <= _LONGEST else set()
