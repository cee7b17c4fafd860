"""A HubSpot-compatible CRM server on SQLite: contacts, properties and owners, over HTTP.

Start it with `python -m sandbox`; `sandbox/README.md` says how to use it from any language.
"""

DEMO_TOKEN = "pat-eu1-sandbox"
"""The bearer token accepted unless another is given. Not shaped like a real one, so secret scanners stay quiet."""
