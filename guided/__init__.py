"""The guided model: a rule-based chat model, with which the assistant works without a language model."""

from .language_detection import detect_language
from .model import GuidedChatModel
from .pastes import pasted_people
from .replies import found_sentence
from .request_kind import RequestKind, request_kind
from .yes_no import chooses_existing, plain_answer

__all__ = [
    "GuidedChatModel",
    "RequestKind",
    "chooses_existing",
    "detect_language",
    "found_sentence",
    "pasted_people",
    "plain_answer",
    "request_kind",
]
