"""What is there: instances, policies, media, seasons, files and tags."""

from .instance import Breaker, FactsFrom, Instance, Kind, ManagedLabel, PathMapping, Tag
from .media import HARMLESS, File, FileProblem, Media, Season, excluded, included
from .policy import ExtraLanguages, LanguageLabels, LanguageRule, NativeTitles, Policy
from .verdict import Verdict

__all__ = [
    "HARMLESS",
    "Breaker",
    "ExtraLanguages",
    "FactsFrom",
    "File",
    "FileProblem",
    "Instance",
    "Kind",
    "LanguageLabels",
    "LanguageRule",
    "ManagedLabel",
    "Media",
    "NativeTitles",
    "PathMapping",
    "Policy",
    "Season",
    "Tag",
    "Verdict",
    "excluded",
    "included",
]
