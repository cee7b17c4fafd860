"""The state machine of the assistant. Importing it reads no environment and touches no network."""

from graph.assistant import build_graph, open_assistant

__all__ = ["build_graph", "open_assistant"]
