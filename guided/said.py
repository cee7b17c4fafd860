"""What a message that is not about a contact consists of."""

from .lexicon import phrases, single

_LONGEST = 14  # words: more is a message of its own


def moods(folds: list[str]) -> set[str]:
    """The moods and answers that the words consist of, with nothing but courtesy between; empty where more is said."""
    found = set[str]()
    i = 0
    while i < len(folds) <= _LONGEST:
        matches = [m for known in (phrases("moods", "phrases"), phrases("answers")) if (m := known.at(folds, i))]
        if matches:
            kind, n = max(matches, key=lambda match: match[1])
            found.add(str(kind))
            i += n
        elif folds[i] in single("moods", "soft"):
            i += 1
        else:
            return set()
    return found if len(folds) <= _LONGEST else set()
