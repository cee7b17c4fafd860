"""The guided model: a chat model of rules, with which the assistant works without a language model."""

from .answers import detect_language, plain_answer
from .model import GuidedChatModel

__all__ = ["GuidedChatModel", "detect_language", "plain_answer"]
