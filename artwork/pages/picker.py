"""The pictures of one slot: looked at, compared, chosen among, rejected, and added to by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _

from accounts.models import User
from artwork import by_hand, care, previews, uploading
from artwork.by_hand import SEVERAL
from artwork.choice.locking import Locks
from artwork.finding import name_of
from artwork.models import Candidate, Entity, Source
from artwork.names import SLOTS, ArtType, Kind
from artwork.pages.slots import SOURCES, box_of
from artwork.pages.title import candidate_at, entity_at
from artwork.preparing import score_words
from artwork.words import language_name
from connections.models import Connection
from core.errors import ApiTransientError, FieldError, Later, StorageError, TaggarrError
from core.numbers import number_in
from core.words import Phrase, told
from storage import serving
from storage.models import Stored
from storage.pictures import WIDTHS
from web.access import action, page, picture, user_of
from web.parts import done, errors_shown

COMPARED = 2
SHOWN_FOR = 24 * 3600
NOT_ASKED_FOR = 600
"""Seconds that a browser keeps a small version, and that it does not ask again for one that is not there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A picture that a slot could show, and what is known of its file."""

    number: int
    candidate: Candidate
    stored: Stored | None
    is_offered: bool
    """Its provider is connected, so that it can be fetched, and a small version shown before."""

    @property
    def address(self) -> str:
        """Where it is seen, at our own address; empty where nobody can show it."""
        if self.stored is not None:
            return f"{resolve_url('storage-file', self.stored.digest)}?w={WIDTHS[1]}"
        return resolve_url("art_preview", self.candidate.pk) if self.is_offered else ""

    @property
    def size(self) -> tuple[int, int]:
        """Its pixels, zeros where nobody knows."""
        if self.stored is not None and self.stored.width:
            return self.stored.width, self.stored.height or 0
        return self.candidate.width, self.candidate.height

    @property
    def box(self) -> str:
        return box_of(self.candidate.art)

    @property
    def source(self) -> Any:
        return SOURCES[Source(self.candidate.source)]

    @property
    def language(self) -> str:
        """What is written on it; empty where nobody says."""
        code = self.candidate.language
        return language_name(code) if code else ""

    @property
    def votes(self) -> Phrase | None:
        row = self.candidate
        if row.favour is None or not row.voters:
            return None
        return Phrase("artwork.votes", favour=round(10 * row.favour, 1), number=row.voters)

    @property
    def score(self) -> Phrase | None:
        """Its score, and what that is made of; None where it has none."""
        row = self.candidate
        return score_words(row.score, row.parts) if row.score is not None and row.parts else None

    @property
    def why_not(self) -> Any:
        """Why it is not the one that is chosen; empty where it is, or nobody has chosen yet."""
        return self.candidate.refused or ("" if self.candidate.rank is not None else self.candidate.reason)

    @property
    def may_be_chosen(self) -> bool:
        return self._may_come and self.candidate.rank != 0

    @property
    def may_be_added(self) -> bool:
        """Whether it may stand behind those that are chosen already."""
        return self._may_come and self.candidate.rank is None and self.candidate.art in SEVERAL

    @property
    def _may_come(self) -> bool:
        """Whether it is kept, or can be fetched."""
        return not self.candidate.rejected and (self.stored is not None or self.is_offered)


def choices(entity: Entity, art: str) -> list[Choice]:
    """The pictures that a slot could show: what is chosen, then the best first. Three queries."""
    return choices_of(sorted(entity.candidates.filter(art=art), key=_order))


def choices_of(rows: Sequence[Candidate]) -> list[Choice]:
    """Pictures, with what is known of their files. Two queries."""
    kept: Mapping[str, Stored] = {
        one.digest: one for one in Stored.objects.filter(digest__in={row.digest for row in rows})
    }
    connected = set(Connection.objects.filter(enabled=True).values_list("kind", flat=True))
    return [
        Choice(number, row, kept.get(row.digest), row.source in connected)
        for number, row in enumerate(rows, 1)
    ]


def _order(row: Candidate) -> tuple[Any, ...]:
    return (
        row.rank is None,
        row.rank or 0,
        bool(row.refused),
        row.rejected,
        row.score is None,
        row.parts.get("tier", 0),
        -(row.score or 0),
        row.source,
        row.address,
        row.pk,
    )


@page
def art_slot(request: HttpRequest, pk: int, art: str) -> HttpResponse:
    """Show the pictures that a slot could have; two that are named in `compare` side by side."""
    return _shown(request, entity_at(pk), art)


def _shown(request: HttpRequest, entity: Entity, art: str, problem: FieldError | None = None) -> HttpResponse:
    media = entity.root.media
    if media is None or art not in SLOTS[Kind(entity.kind)]:
        raise Http404
    found = choices(entity, art)
    wanted = [number_in(text) for text in request.GET.getlist("compare")]
    compared = [one for one in found if one.candidate.pk in wanted][:COMPARED]
    context = {
        "media": media,
        "tab": "artwork",
        "entity": entity,
        "name": Phrase(f"art.{art}"),
        "of": name_of(entity),
        "art": art,
        "choices": found,
        "compared": compared if len(compared) == COMPARED else [],
        "ticked": {one.candidate.pk for one in compared},
        "is_locked": Locks(entity.locks).of_slot(ArtType(art)) is not None,
        "has_choice": any(one.candidate.rank is not None for one in found),
        "most": uploading.MOST,
        "problem": problem,
        "address": request.POST.get("address", ""),
    }
    return render(request, "artwork/slot.html", context)


@picture
def art_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A small version of a picture: a browser never asks a provider, who would learn of its owner."""
    candidate = get_object_or_404(Candidate, pk=pk)
    try:
        digest = previews.preview_of(candidate)
    except (Later, ApiTransientError, StorageError) as error:
        seconds = getattr(error, "seconds", None) or getattr(error, "retry_after", None) or previews.TURN
        return HttpResponse(status=503, headers={"Retry-After": str(max(round(seconds), 1))})
    except TaggarrError:
        return HttpResponse(status=404, headers={"Cache-Control": f"private, max-age={NOT_ASKED_FOR}"})
    answer = serving.answer(request, user_of(request), digest, WIDTHS[1])
    # Not for ever: what stands at this address is the provider's to change.
    answer.headers["Cache-Control"] = f"private, max-age={SHOWN_FOR}"
    return answer


@action
def art_upload(request: HttpRequest) -> HttpResponse:
    """Take in a picture of the visitor's own, from a file or an address, for the slot that was posted."""
    entity, art = entity_at(number_in(request.POST.get("entity", "")) or 0), request.POST.get("art", "")
    try:
        _take(request, entity, art, user_of(request))
    except FieldError as error:
        return _shown(request, entity, art, error)
    except TaggarrError as error:
        return _shown(request, entity, art, FieldError("file", error.phrase))
    done(request, _("%s: chosen and locked. Publish the title to have it in its folder.") % _called(art))
    return redirect("art_slot", entity.pk, art)


def _take(request: HttpRequest, entity: Entity, art: str, user: User) -> None:
    file: UploadedFile[Any] | None = request.FILES.get("file")
    if file is not None:
        uploading.upload(entity, art, file.chunks(), user, announced=file.size)
    else:
        uploading.upload_from(entity, art, request.POST.get("address", ""), user)


@action
def art_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a picture not be chosen for its title; with `everywhere` for none."""
    candidate = candidate_at(pk)
    with errors_shown(request):
        care.reject(candidate, user_of(request), everywhere="everywhere" in request.POST)
        done(request, _("Rejected."), undo=resolve_url("art_take_back", pk))
    return redirect("art_slot", candidate.entity_id, candidate.art)


@action
def art_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a picture that was rejected be one like the others again."""
    candidate = candidate_at(pk)
    with errors_shown(request):
        by_hand.take_back(candidate, user_of(request))
        done(request, _("The picture is no longer rejected."))
    return redirect("art_slot", candidate.entity_id, candidate.art)


def _called(art: str) -> str:
    return told(Phrase(f"art.{art}"))
