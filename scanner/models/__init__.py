"""What is wanted, and how scans go about it: policies, settings, our labels, the five verdicts."""

from .policy import ExtraLanguages, LanguageLabels, LanguageRule, NativeTitles, Policy
from .settings import FactsFrom, ManagedLabel, ScanSettings
from .verdict import Verdict

__all__ = [
    "ExtraLanguages",
    "FactsFrom",
    "LanguageLabels",
    "LanguageRule",
    "ManagedLabel",
    "NativeTitles",
    "Policy",
    "ScanSettings",
    "Verdict",
]
