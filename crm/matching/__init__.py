"""Whether two records are the same person: features, the search for candidates (blocking), and the match score."""

from crm.matching.features import features_of
from crm.matching.match_score import ASK, compare, word_similarity
from crm.matching.possible_duplicates import among, find_duplicates, remembered

__all__ = ["ASK", "among", "compare", "features_of", "find_duplicates", "remembered", "word_similarity"]
