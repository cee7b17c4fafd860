"""One module per family of addresses; each turns a call into an answer and holds no rules."""
