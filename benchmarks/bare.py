"""A bare LangGraph graph of the same shape as ours, whose nodes do the least possible."""

from typing import Annotated, Any, Literal, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    """The messages, and what a button chose."""

    messages: Annotated[list[AnyMessage], add_messages]
    choice: str | None


def entry(state: State) -> Literal["welcome", "router"]:
    messages = state.get("messages") or []
    return "router" if messages and isinstance(messages[-1], HumanMessage) else "welcome"


async def welcome(state: State) -> dict[str, Any]:
    return {"messages": [AIMessage("Hej")]}


async def router(state: State) -> Command[Literal["guide", "agent"]]:
    return Command(goto="guide" if state.get("choice") else "agent")


async def guide(state: State) -> dict[str, Any]:
    return {"messages": [AIMessage("Skriv et navn")]}


async def approve(state: State) -> Command[Literal["apply", "agent"]]:
    interrupt({})
    return Command(goto="apply")


async def apply(state: State) -> dict[str, Any]:
    return {"messages": [AIMessage("Oprettet")]}


def bare_graph(model: BaseChatModel, result: str) -> StateGraph[State, Any, Any, Any]:
    """Build the graph over the given model; ``result`` is the answer to every tool call."""

    async def agent(state: State) -> Command[Literal["tools", "__end__"]]:
        total: AIMessageChunk | None = None
        async for chunk in model.astream(state["messages"]):
            assert isinstance(chunk, AIMessageChunk)
            total = chunk if total is None else total + chunk
        assert total is not None
        answer = AIMessage(total.text, tool_calls=total.tool_calls, id=total.id)
        return Command(goto="tools" if answer.tool_calls else "__end__", update={"messages": [answer]})

    async def tools(state: State) -> Command[Literal["agent", "approve"]]:
        asked = state["messages"][-1]
        assert isinstance(asked, AIMessage)
        answers = [ToolMessage(result, tool_call_id=call["id"], name=call["name"]) for call in asked.tool_calls]
        return Command(goto="agent", update={"messages": answers})

    graph = StateGraph(State)
    for name, node in (("welcome", welcome), ("router", router), ("guide", guide), ("agent", agent), ("tools", tools)):
        graph.add_node(name, node)
    graph.add_node("approve", approve)
    graph.add_node("apply", apply)
    graph.add_conditional_edges(START, entry)
    return graph
