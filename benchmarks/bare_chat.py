"""A bare Chainlit app with three buttons, for ``chainlit run``.

``BARE_CHAT_HISTORY`` names an SQLite file: the app then has Chainlit's own data layer over it, and a user.
"""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

import os
import sqlite3
from contextlib import closing

import chainlit as cl
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer

from ui.history import SCHEMA

GREETING = "Hej! Jeg hjælper dig med kontakterne i HubSpot. Hvad vil du?"
BUTTONS = {"search": "Søg en kontakt", "create": "Opret en kontakt", "update": "Ret en kontakt"}


@cl.on_chat_start
async def greet() -> None:
    """Greet, with the three buttons."""
    buttons = [cl.Action(name="choice", payload={"choice": key}, label=label) for key, label in BUTTONS.items()]
    await cl.Message(GREETING, actions=buttons).send()


@cl.action_callback("choice")
async def answer(action: cl.Action) -> None:
    """What to write next."""
    chosen = BUTTONS[action.payload["choice"]]
    await cl.Message(f"{chosen}: skriv et navn, en e-mail eller et telefonnummer.").send()


if file := os.environ.get("BARE_CHAT_HISTORY"):
    with closing(sqlite3.connect(file)) as tables:
        for statement in SCHEMA:
            tables.execute(statement)

    @cl.data_layer
    def history() -> SQLAlchemyDataLayer:
        """Chainlit's own data layer, unchanged."""
        return SQLAlchemyDataLayer(f"sqlite+aiosqlite:///{file}")

    @cl.header_auth_callback
    async def sign_in(headers: object) -> cl.User:
        """The only user."""
        return cl.User(identifier="local")
