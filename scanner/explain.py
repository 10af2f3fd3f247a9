"""Why a title has its verdict: every file, its tracks, and the rule that decided.

All of it comes from stored facts and the policy in force; no file is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.words import Phrase, told
from library.models import File, Media, Season
from library.paths import last_part
from scanner.labels.desired import asked_for, is_blocked
from scanner.labels.managed import change_of, desired_of, labels_of
from scanner.languages.codes import SEVERAL, Language, from_parts
from scanner.languages.names import name_of
from scanner.models import FileProblem, FileScanState, Verdict
from scanner.probe.tracks import Track
from scanner.scan.deciding import LANGUAGE_LABELS
from scanner.verdict.counting import why_by_title
from scanner.verdict.file import FileVerdict, Rules, decide_file
from scanner.verdict.rollup import why_left_out
from scanner.verdict.sentences import file_sentence, media_sentence, why_dropped


@dataclass(frozen=True, slots=True)
class ExplainedTrack:
    """One track. `counts_as` is the language it counts as, empty where it does not count; `why` says why."""

    kind: str
    number: int
    language: str
    title: str
    codec: str
    channels: int
    flags: list[str]
    counts_as: str
    why: str


@dataclass(frozen=True, slots=True)
class ExplainedFile:
    """One file: its verdict, the code of the rule that decided and its sentence, and its tracks.

    `left_out` says why the file has no part in the media's verdict, empty where it has. `engine` is what read
    it, `note` why a slower one was needed; `problem` why there are no fresh facts.
    """

    path: str
    season: int | None
    episodes: list[int]
    verdict: str
    rule: str
    sentence: str
    languages: list[str]
    missing: list[str]
    extra: list[str]
    tracks: list[ExplainedTrack]
    left_out: str
    engine: str
    note: str
    problem: str
    probed_at: datetime | None

    @property
    def name(self) -> str:
        return last_part(self.path)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a title has its verdict. `sentence` says it in short; languages are by their English names.

    `labels` are the labels of ours that it should carry, `label_reasons` say why it should carry those beside
    the verdict's, `tags` are all that it carries as far as we know, and
    `waiting` says what is still to be written and why it is not yet, empty where all is as it should be.
    """

    media: int
    title: str
    instance: str
    verdict: str
    rule: str
    sentence: str
    policy: str
    targets: list[str]
    original_language: str
    original_language_by: str
    labels: list[str] | None
    label_reasons: dict[str, str]
    tags: list[str]
    waiting: str
    verdict_at: datetime | None
    scanned_at: datetime | None
    files: list[ExplainedFile]

    def to_json(self) -> dict[str, Any]:
        """The explanation as JSON-able data; times in ISO 8601, UTC."""
        return {name: _jsonable(value) for name, value in asdict(self).items()}


def explain(media: Media, *, with_files: bool = True) -> Explanation:
    """Return why a title has its verdict. `instance` and policies should be loaded with it.

    Without `with_files` its list of files is empty, which costs less.
    """
    state = media.scan_state
    rules, original = state.policy.rules, state.original
    rows = media.files.select_related("season", "scan_state").order_by("season__number", "path")
    files = rows if with_files else ()
    desired = desired_of(media).known
    return Explanation(
        media=media.pk,
        title=str(media),
        instance=media.connection.name,
        verdict=state.verdict,
        rule=state.verdict_reason.get("code", ""),
        sentence=why(media),
        policy=state.policy.name,
        targets=_names(rules.targets),
        original_language=name_of(original) if original else "",
        original_language_by=_original_by(media),
        labels=None if desired is None else sorted(desired),
        label_reasons={
            label: Phrase.of(why) for label, why in state.verdict_reason.get(LANGUAGE_LABELS, {}).items()
        },
        tags=media.tags,
        waiting=_waiting(media),
        verdict_at=state.verdict_at,
        scanned_at=state.scanned_at,
        files=[_explain_file(file, rules, original) for file in files],
    )


def explain_file(media: Media, file: File) -> ExplainedFile:
    return _explain_file(file, media.scan_state.policy.rules, media.scan_state.original)


def why(media: Media) -> str:
    """Return in one sentence why a title has its verdict, or why it has none."""
    if media.is_excluded:
        return _("Excluded by %s.") % (media.excluded_by or _("hand"))
    sentence, state = media_sentence(media), media.scan_state
    if state.scan_error and (not sentence or state.verdict == Verdict.UNKNOWN):
        return state.scan_error
    return sentence or _("Not scanned yet.")


def _original_by(media: Media) -> str:
    if media.original_language_override:
        return _("set by hand")
    return media.connection.get_kind_display() if media.original_language else ""


def _waiting(media: Media) -> str:
    """Say what is to be written for a title, and why it has not been; empty where nothing is."""
    if media.scan_state.reconcile_error:
        return media.scan_state.reconcile_error
    labels, wanted = labels_of(media.connection), desired_of(media)
    state, carried = media.scan_state, frozenset(media.tags)
    asked = asked_for(state.standing, state.policy.labels).known
    if state.declined is not None and asked is not None and sorted(asked) == sorted(state.declined):
        return _("Its tags stay as they are: somebody declined their change.")
    found = (wanted.known or frozenset()) & labels.found - carried
    if is_blocked(carried, wanted, labels):
        found |= carried & labels.of_verdicts.found
    if found:
        text = _("The tag “%s” waits to be adopted, or to be renamed in the policy.")
        return text % ", ".join(sorted(found))
    change = change_of(media, labels)
    changes = {"added": ", ".join(sorted(change.add)), "removed": ", ".join(sorted(change.remove))}
    if change.add and change.remove:
        text = _("To be written: add %(added)s and remove %(removed)s.")
    elif change.add:
        text = _("To be written: add %(added)s.")
    elif change.remove:
        text = _("To be written: remove %(removed)s.")
    else:
        return ""
    held = (
        f" {told(media.connection.scan_settings.held_reason)}"
        if media.connection.scan_settings.held_since
        else ""
    )
    return text % changes + held


def _explain_file(file: File, rules: Rules, original: Language | None) -> ExplainedFile:
    state = file.scan_state
    known = state.known
    decision = decide_file(known.facts, rules, original)
    return ExplainedFile(
        path=file.path,
        season=file.season.number if file.season else None,
        episodes=file.episodes,
        verdict=decision.verdict.value,
        rule="" if _is_unseen(state) else decision.reason.value,
        sentence=state.error or file_sentence(decision.to_json()),
        languages=_names(decision.languages),
        missing=_names(decision.missing),
        extra=_names(decision.extra),
        tracks=_explain_tracks(known.read.tracks, decision),
        left_out=_left_out(file, file.season, rules),
        engine=state.engine,
        note=state.note,
        problem=state.get_problem_display() if state.problem else "",
        probed_at=state.probed_at,
    )


def _is_unseen(state: FileScanState) -> bool:
    """Whether nothing is known of a file yet: then no rule has decided it."""
    unread = (FileProblem.UNREACHABLE, FileProblem.NOT_PROBED, FileProblem.WAITING)
    return not state.probed_at and state.problem in unread


def _left_out(file: File, season: Season | None, rules: Rules) -> str:
    """Say why a file has no part in the verdict of its media."""
    if not file.scan_state.counted:
        return _("It is beside the movie, not the movie itself.")
    if file.scan_state.problem == FileProblem.NOT_PROBED:
        return _("A quick scan did not read it.")
    return season_left_out(season, rules)


def season_left_out(season: Season | None, rules: Rules) -> str:
    """Say why a season has no part in the verdict of its title; empty where it has."""
    return {
        "": "",
        "specials": _("The policy leaves specials out."),
        "unmonitored": _("The policy leaves out seasons that are not monitored."),
    }[why_left_out(season.number, season.monitored, rules) if season else ""]


def _explain_tracks(tracks: Sequence[Track], decision: FileVerdict) -> list[ExplainedTrack]:
    dropped = {track.index: why_dropped(track) for track in decision.dropped}
    audio = [track for track in tracks if track.kind == "audio"]
    counting = [track.index for track in audio if track.index not in dropped]
    # The languages of the verdict are those of the tracks that count, in file order.
    languages = dict(zip(counting, decision.languages, strict=False))
    explained = []
    for track in tracks:
        counts_as, reason = "", ""
        if track.kind == "audio":
            reason = dropped.get(track.index, "")
            counts_as = name_of(languages[track.index]) if track.index in languages else ""
            if track.index in languages:
                reason = _why_it_counts(track, decision, counts_as)
        explained.append(_explain_track(track, counts_as, reason))
    return explained


def _why_it_counts(track: Track, decision: FileVerdict, counts_as: str) -> str:
    """Say why a track counts as what it does, where that is not plain to see."""
    if why_by_title(track):
        return _("It counts in spite of its title: words in titles never drop the last track.")
    if track.index == decision.assumed:
        return _assumed(decision.assumed_code)
    if from_parts(track.language, track.region) is None:
        return _("Its title alone names the language: %s.") % counts_as
    return ""


def _assumed(code: str) -> str:
    if code == SEVERAL:
        return _("It holds several languages: the policy says what the first such track is.")
    if code:
        text = _("Its code “%s” is not a known language: the policy says what the first such track is.")
        return text % code
    return _("It names no language: the policy says which one that stands for.")


def _explain_track(track: Track, counts_as: str, reason: str) -> ExplainedTrack:
    language = from_parts(track.language, track.region)
    flags = ("default", "forced", "commentary", "descriptive", "original", "hearing_impaired")
    return ExplainedTrack(
        kind=track.kind,
        number=track.index + 1,
        language=name_of(language) if language else track.language or "",
        title=track.title,
        codec=track.codec,
        channels=track.channels,
        flags=[flag.replace("_", " ") for flag in flags if getattr(track, flag)],
        counts_as=counts_as,
        why=reason,
    )


def _names(languages: Iterable[Language]) -> list[str]:
    return list(dict.fromkeys(name_of(language) for language in languages))


def _jsonable(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _jsonable(value) for key, value in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [_jsonable(value) for value in data]
    return data.isoformat() if isinstance(data, datetime) else data
