"""Whether two records are the same person: features, the search for candidates (blocking), and the match score."""

from crm.matching.features import features_of
from crm.matching.match_score import ASK, compare, word_similarity
from crm.matching.possible_duplicates import find_duplicates, likely_duplicates, recent_duplicates

__all__ = [
    "ASK",
    "compare",
    "features_of",
    "find_duplicates",
    "likely_duplicates",
    "recent_duplicates",
    "word_similarity",
]
