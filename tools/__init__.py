"""The LangChain tools of the assistant: typed schemas and words for the model, over ``crm``."""

from tools.contacts import READ, contact_tools

__all__ = ["READ", "contact_tools"]
