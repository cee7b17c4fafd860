"""The only package that changes HubSpot: it checks, claims, writes and verifies a change, and records the outcome."""

from crm.write.executor import apply, forgo
from crm.write.precondition import is_about
from crm.write.reconcile import keep_settled, settle_for, settle_once

__all__ = ["apply", "forgo", "is_about", "keep_settled", "settle_for", "settle_once"]
