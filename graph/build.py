"""Wires the nodes of the state machine."""

from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langgraph.graph import START, StateGraph

from crm import Portal
from graph.agent import Agent
from graph.apply import Apply
from graph.context import Context
from graph.logs import quiet_libraries
from graph.models import CALL_SECONDS, TURN_SECONDS
from graph.nodes import Nodes
from graph.state import Input, State
from graph.toolbox import Toolbox
from graph.tracing import no_tracing
from graph.usage import Usage
from guided import GuidedChatModel
from prompts import PromptError, Prompts, load
from tools import all_tools, is_read, step_key


def build_graph(
    *,
    model: BaseChatModel | None,
    crm: Portal,
    prompts: Prompts | None = None,
    language: Literal["auto", "da", "en"] = "auto",
    changes_per_card: int = 20,
    model_calls_per_day: int = 0,
    tokens_per_day: int = 0,
    model_seconds: float = CALL_SECONDS,
    turn_seconds: float = TURN_SECONDS,
    tracing: bool = False,
) -> StateGraph[State, Any, Any, Any]:
    """The uncompiled graph, for callers that bring their own checkpointer.

    ``model``: any LangChain chat model with tools; None for the guided model, which also answers where ``model`` fails.
    ``crm``: an open portal (``crm.portal.open_portal``). ``language``: ``auto`` follows the user's language; until it
    is known, the run's ``configurable["language"]`` counts, else Danish. The daily caps hold for each user; 0 means no
    cap. ``model_seconds`` and ``turn_seconds``: how long one call of ``model``, and one turn with it, may take.
    ``tracing``: follow the libraries' environment variables; otherwise tracing is off.
    """
    quiet_libraries()
    if not tracing:
        no_tracing()
    prompts = prompts or load()
    guided = GuidedChatModel(prompts=prompts, region=crm.region)
    tools = [t for t in all_tools() if not crm.read_only or is_read(t)]
    hidden = {t.name for t in all_tools()} - {t.name for t in tools}
    if lacking := [step_key(t.name) for t in tools if not prompts.has(step_key(t.name))]:
        raise PromptError(f"prompts lack: {', '.join(lacking)}")
    context = Context(
        portal=crm,
        model=model or guided,
        fallback=guided,
        tools={t.name: t for t in tools},
        hidden=frozenset(hidden),
        prompts=prompts,
        usage=Usage(crm.ledger.database, calls_per_day=model_calls_per_day, tokens_per_day=tokens_per_day),
        language="da" if language == "auto" else language,
        follow=language == "auto",
        changes_per_card=changes_per_card,
        model_seconds=model_seconds,
        turn_seconds=turn_seconds,
    )
    nodes = Nodes(context)
    graph = StateGraph(State, input_schema=Input)
    graph.add_node("welcome", nodes.welcome)
    graph.add_node("router", nodes.router, destinations=("guide", "agent", "apply", "approve", "__end__"))
    graph.add_node("guide", nodes.guide, destinations=("approve", "__end__"))
    graph.add_node("agent", Agent(context), destinations=("tools", "__end__"))
    graph.add_node("tools", Toolbox(context), destinations=("agent", "approve"))
    graph.add_node("approve", nodes.approve, destinations=("apply", "router"))
    graph.add_node("apply", Apply(context), destinations=("approve", "router", "__end__"))
    graph.add_conditional_edges(START, nodes.entry)
    return graph
