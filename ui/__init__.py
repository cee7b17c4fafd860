"""The web chat: Chainlit over the compiled graph. Pixels only; rules about contacts live elsewhere."""
