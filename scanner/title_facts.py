"""What the scanner knows of titles in a few words: the verdict, and the languages that their files hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from library.contract import Fact, Facts
from scanner.languages.codes import NO_LANGUAGES, normalise
from scanner.languages.names import name_of
from scanner.media_search import languages_of
from scanner.models import ScanState, Verdict


def _facts(media_ids: Collection[int]) -> Mapping[int, Sequence[Fact]]:
    heard = languages_of(media_ids)
    verdicts = ScanState.objects.filter(media__in=media_ids).values_list("media", "verdict")
    return {pk: list(_of(Verdict(verdict), heard.get(pk, []))) for pk, verdict in verdicts}


def _of(verdict: Verdict, codes: Sequence[str]) -> Sequence[Fact]:
    heard = (known for code in codes if (known := normalise(code)) and known not in NO_LANGUAGES)
    names = [name_of(language) for language in heard]
    told = [Fact(_("Verdict"), verdict.label)]
    return [*told, Fact(_("Languages heard"), ", ".join(names))] if names else told


BRINGS = Facts(of=_facts)
