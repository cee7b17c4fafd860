"""Erases personal data: by age, and of one person (the data subject)."""

from crm.privacy.data_subject import DataSubject, data_subject_of, full_names
from crm.privacy.retention import erase, expire, known, mentioned_aside, mentions
from crm.store import backups, compact

__all__ = [
    "DataSubject",
    "backups",
    "compact",
    "data_subject_of",
    "erase",
    "expire",
    "full_names",
    "known",
    "mentioned_aside",
    "mentions",
]
