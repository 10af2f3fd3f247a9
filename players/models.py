"""What is kept of players."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import MD5, Now
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.fields import PhraseField

LABEL = "{label}"
"""What stands in a route's pattern for the label."""

EXAMPLE = "dub"
"""The label that shows what comes of a pattern."""


class Device(models.Model):
    """As which device this installation calls players: made once, else each start is a new one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    identifier = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="device_is_one")]

    def __str__(self) -> str:
        return str(self.identifier)

    @classmethod
    def ours(cls) -> str:
        return str(cls.objects.get_or_create(pk=1)[0])


class PlayerSettings(models.Model):
    """How a player is written to, and what is known of its index."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="player"
    )
    libraries = ArrayField(
        models.TextField(), default=list, blank=True, help_text="The names of those written to; empty: all."
    )
    strictness = models.PositiveSmallIntegerField(default=80)
    most_a_second = models.PositiveSmallIntegerField(default=25)
    connect_seconds = models.PositiveSmallIntegerField(default=5)
    read_seconds = models.PositiveSmallIntegerField(default=30)
    keep_failed_days = models.PositiveSmallIntegerField(default=30)
    is_subset = models.BooleanField(default=False, help_text="What is not there is no problem.")
    dry_run = models.BooleanField(default=False)
    may_be_off = models.BooleanField(default=False)
    brake_percent = models.PositiveSmallIntegerField(
        default=20, help_text="What would take labels off, or change fields of, more titles is held."
    )

    held_since = models.DateTimeField(null=True, editable=False)
    held_reason = PhraseField(blank=True, default="", editable=False)
    released = models.BooleanField(
        default=False, editable=False, help_text="A person let pass what was held, until all is sent."
    )
    leaving = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="It is deleted once nothing of ours is there.",
    )
    server = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Which installation answered first."
    )
    met_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was last seen to be that installation."
    )
    labels_join = models.BooleanField(
        null=True, editable=False, help_text="Plex: whether labels that are sent join those that are there."
    )
    indexed_at = models.DateTimeField(null=True, editable=False)
    indexed_until = models.DateTimeField(
        null=True, editable=False, help_text="The newest change in the index, by the player's clock."
    )
    proposed = models.JSONField(default=list, editable=False, help_text="Path mappings that would fit.")
    routed = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        editable=False,
        help_text="The sources that got a route by themselves: one that is deleted stays so.",
    )

    class Meta:
        verbose_name_plural = "player settings"

    def __str__(self) -> str:
        return str(self.connection)


class PlayerMapping(models.Model):
    """Says which folder of a player is which of the sources. One of these may lie in several places."""

    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="player_mappings")
    source_prefix = models.CharField(max_length=1000)
    player_prefix = models.CharField(max_length=1000)

    class Meta:
        ordering = ["source_prefix", "player_prefix"]
        constraints = [
            models.UniqueConstraint(
                fields=["player", "source_prefix", "player_prefix"], name="player_mapping_is_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_prefix} → {self.player_prefix}"


class Route(models.Model):
    """What of a source goes to a player, and as what.

    Labels are written as `pattern` has them, in the player's usual form unless one is named. `fields` maps a
    field to its mode; those in `clear` are emptied where the source has nothing any more.
    """

    source = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="routes_out")
    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="routes_in")
    enabled = models.BooleanField(default=True, db_default=True)
    form = models.CharField(max_length=10, blank=True, default="", db_default="")
    pattern = models.CharField(max_length=100, default="{label}", db_default="{label}")
    seasons = models.BooleanField(default=True, db_default=True)
    scan_new = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Have the player look at what is new or changed on the disk.",
    )
    fields = models.JSONField(default=dict, db_default={})
    clear = ArrayField(models.TextField(), default=list, db_default=[], blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "player"], name="route_is_unique")]

    def __str__(self) -> str:
        return f"{self.source} → {self.player}"

    def spelt(self, label: str) -> str:
        return self.pattern.replace(LABEL, label)

    def example(self) -> str:
        return self.spelt(EXAMPLE)

    def takes(self, kind: str) -> bool:
        """Whether subjects of a kind go to the player."""
        return self.enabled and (self.seasons or kind != "season")


class StashSettings(models.Model):
    """Which scenes of a Stash go to players, and what is known of its changes.

    `hook_token` opens its hook, and the one before it for a day. `hooked_at` is, to the minute, when Stash
    last told of a change, `missed_at` when `missed` changes were found that it had not told. It has been read
    up to `read_until`, by its own clock, and as a whole at `whole_at`.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="stash"
    )
    organized_only = models.BooleanField(default=True)
    only_folders = ArrayField(models.TextField(), default=list, blank=True)
    only_tags = ArrayField(models.TextField(), default=list, blank=True)
    without_tags = ArrayField(models.TextField(), default=list, blank=True)

    hook_token = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the token, in hexadecimal."
    )
    token_before = models.CharField(max_length=64, blank=True, editable=False)
    token_made_at = models.DateTimeField(null=True, editable=False)
    hooked_at = models.DateTimeField(null=True, editable=False)
    missed_at = models.DateTimeField(null=True, editable=False)
    missed = models.PositiveIntegerField(default=0, editable=False)
    read_until = models.DateTimeField(null=True, editable=False)
    whole_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "stash settings"

    def __str__(self) -> str:
        return str(self.connection)


class TouchedGroup(models.Model):
    """A tag, studio or performer of a Stash that changed: its scenes are looked for."""

    source = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="touched_groups")
    group = models.CharField(max_length=10)
    remote_id = models.CharField(max_length=20)
    touched_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "group", "remote_id"], name="touched_group_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.remote_id}"


class Subject(models.Model):
    """A title, season or clip of a source, and what it should be in every player.

    `state` is a `players.sources.State`; `wanted` rises whenever that differs. A scene's is read when it is
    sent, and empty before: at `read_at`, as of the generation `read_of`. `source_at` is the newest change of
    it that is known, by the clock of its source.
    `gone`: the source no longer has it, keeps it back or is gone itself, and what is ours is taken off.
    """

    source = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, related_name="player_subjects"
    )
    key = models.CharField(max_length=60, help_text="media:42, media:42:1 for its first season, scene:17.")
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=500)
    media_id = models.BigIntegerField(null=True)
    state = models.JSONField(default=dict)
    wanted = models.BigIntegerField(default=1)
    gone = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)
    source_at = models.DateTimeField(null=True)
    read_of = models.BigIntegerField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="subject_is_unique")]
        indexes = [models.Index(fields=["media_id"], name="subject_media")]

    def __str__(self) -> str:
        return self.title


class LinkState(models.TextChoices):
    """Where a subject stands in a player. `excluded`: the player shows no such thing, or need not yet."""

    DUE = "due", _("Waiting")
    CLAIMED = "claimed", _("Being sent")
    IN_SYNC = "in_sync", _("In sync")
    NOT_THERE = "not_there", _("Not there yet")
    AMBIGUOUS = "ambiguous", _("Ambiguous")
    FAILED = "failed", _("Failed")
    DISMISSED = "dismissed", _("Dismissed")
    EXCLUDED = "excluded", _("Excluded")


class Cause(models.TextChoices):
    """Why something could not be written; what to do about it stands in `players.words`."""

    UNREACHABLE = "unreachable", _("Unreachable")
    SLOW = "slow", _("Slow")
    REFUSED_KEY = "refused_key", _("Key refused")
    NOT_THERE = "not_there", _("Not there")
    AMBIGUOUS = "ambiguous", _("Ambiguous")
    REFUSED_VALUE = "refused_value", _("Value refused")
    BAD_SOURCE = "bad_source", _("Bad source data")
    EDITED = "edited", _("Edited elsewhere")
    PARTIAL = "partial", _("Written in part")
    BUG = "bug", _("Error in Taggarr")


class Link(models.Model):
    """One subject in one player.

    `done` is the generation of the subject that stands there. It is taken up when `due_at` has come; while it
    is claimed, that is when the claim has run out. `claim` fences what a worker saves. `marks` are, for each
    item by its id, what is known of its labels and fields (`players.rules.difference.Mark`); `candidates`
    what a person may choose from; `pinned` what a person chose. `conflict`: somebody else's edits are held,
    or fight ours. `dead_at` is since when it has failed, or been dismissed; `undo` are the marks before a
    person took something back, until that is sent.
    """

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="links")
    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="links")
    done = models.BigIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.DUE, db_default="due")
    due_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    cause = models.CharField(max_length=15, choices=Cause, blank=True, default="", db_default="")
    error = PhraseField(blank=True, default="", db_default="")
    item_ids = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    grade = models.PositiveSmallIntegerField(null=True)
    candidates = models.JSONField(default=list, db_default=[])
    pinned = models.JSONField(null=True)
    marks = models.JSONField(default=dict, db_default={})
    conflict = models.BooleanField(default=False, db_default=False)
    synced_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    undo = models.JSONField(null=True)

    class Meta:
        """Few links are due or need a person: those are found by indexes of them alone."""

        constraints = [models.UniqueConstraint(fields=["subject", "player"], name="link_is_unique")]
        indexes = [
            models.Index(
                fields=["player", "due_at"], name="link_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(fields=["player", "state"], name="link_state", condition=~models.Q(state="in_sync")),
            models.Index(fields=["player"], name="link_conflict", condition=models.Q(conflict=True)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.player}"


class RemoteItem(models.Model):
    """One item in the index of a player: enough to find it. `digest` tells whether anything of it changed."""

    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="remote_items")
    remote_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    library = models.CharField(max_length=200)
    title = models.TextField()
    year = models.IntegerField(null=True)
    paths = ArrayField(models.TextField(), default=list)
    guids = ArrayField(models.TextField(), default=list)
    show = models.CharField(max_length=200, blank=True, default="")
    season = models.IntegerField(null=True)
    keys = ArrayField(models.TextField(), default=list)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["player", "remote_id"], name="remote_item_is_unique")]
        indexes = [
            GinIndex(fields=["keys"], name="remote_item_keys"),
            models.Index(
                fields=["player", "show", "season"],
                name="remote_item_season",
                condition=models.Q(kind="season"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Refresh(models.Model):
    """A title's folder, as its source names it, that a player is to look at until it knows what is there.

    While `looks` is None more changes of it are waited for, until `due_at`; then it counts how often was
    looked whether it is known. `memory` is what a player forgets that reads a title anew, and is given back.
    """

    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="refreshes")
    folder = models.CharField(max_length=4096)
    what = models.CharField(max_length=10, help_text="A library.models.What: files, nfo or pictures.")
    media_id = models.BigIntegerField(null=True)
    began_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    looks = models.PositiveSmallIntegerField(null=True)
    memory = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint("player", MD5("folder"), "what", name="refresh_is_unique"),
        ]
        indexes = [models.Index(fields=["player", "due_at"], name="refresh_due")]

    def __str__(self) -> str:
        return f"{self.folder} in {self.player}"


class Pace(models.Model):
    """How fast a player may be written to, as measured (`players.rules.pace`)."""

    player = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="player_pace"
    )
    rate = models.FloatField()
    each = models.FloatField()
    items = models.BigIntegerField()
    calls_each = models.FloatField()
    latency = models.FloatField()
    calls = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    seconds = models.FloatField()
    since = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.player}: {self.rate:.1f} calls/s"


class Outage(models.Model):
    """A time during which a player did not answer. `calls` is how many calls found that out."""

    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="outages")
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=1, db_default=1)
    reason = PhraseField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["player"], name="one_outage_at_a_time", condition=models.Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.player} since {self.began_at}"


class Tally(models.Model):
    """How often something came of something in an hour: `what` is a match, a write or a link."""

    player = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tallies")
    hour = models.DateTimeField()
    what = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    number = models.BigIntegerField()
    ms = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["player", "hour", "what", "outcome"], name="tally_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.outcome}: {self.number}"
