"""What is true of contacts without any model: HubSpot, its schema, changes and their ledger."""
