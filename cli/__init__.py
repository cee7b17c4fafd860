"""Commands for whoever runs the assistant."""
