"""The web chat: Chainlit over the compiled graph. Rules about contacts live elsewhere."""
