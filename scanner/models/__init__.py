"""What is wanted, and how scans go about it: policies, settings, our labels, the five verdicts."""

from .policy import ExtraLanguages, LanguageLabels, LanguageRule, NativeTitles, Policy, PolicyVersion, Verdict
from .settings import FactsFrom, ManagedLabel, ScanSettings
from .state import HARMLESS, FileProblem, FileScanState, Known, ScanState, SeasonScanState

__all__ = [
    "HARMLESS",
    "ExtraLanguages",
    "FactsFrom",
    "FileProblem",
    "FileScanState",
    "Known",
    "LanguageLabels",
    "LanguageRule",
    "ManagedLabel",
    "NativeTitles",
    "Policy",
    "PolicyVersion",
    "ScanSettings",
    "ScanState",
    "SeasonScanState",
    "Verdict",
]
