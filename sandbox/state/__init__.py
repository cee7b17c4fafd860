"""What the sandbox knows and the rules it keeps: no HTTP in here."""
