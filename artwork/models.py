"""What is kept of artwork: titles with their seasons and episodes, pictures, and what was written of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from artwork.choice.locking import WHOLE, Locks
from artwork.choice.scoring import NONE, ORIGINAL
from artwork.names import Kind, Place, Profile
from artwork.publishing.plan import Write
from connections.models import Connection
from core import sql
from core.fields import PhraseField
from core.subjects import Subject
from jobs.models import Job
from library.models import MEDIA, Media


class Source(models.TextChoices):
    """Where a picture comes from: from beside the title, from a person, or from a provider."""

    LOCAL = "local"
    UPLOAD = "upload"
    TMDB = "tmdb"
    TVDB = "tvdb"
    FANART = "fanart"


class Adopt(models.TextChoices):
    """What is done with pictures that stand in a folder already.

    `lock` lets nothing take their place; `replace` puts ours back where another program changes it.
    """

    KEEP = "keep"
    LOCK = "lock"
    REPLACE = "replace"


class NfoMode(models.TextChoices):
    """What is done with NFO files: nothing, ours spliced into those that stand there, or all of them ours."""

    OFF = "off"
    MERGE = "merge"
    OWN = "own"


_PARTS = """
    SELECT {columns} FROM artwork_entity AS entity
    WHERE entity.id = ANY (%s::bigint[]) OR entity.title_id = ANY (%s::bigint[])
    ORDER BY entity.title_id IS NOT NULL, entity.id
"""
_CANDIDATES = (
    "SELECT {columns} FROM artwork_candidate AS picture WHERE entity_id = ANY (%s::bigint[]) ORDER BY id"
)
_SETTINGS = "SELECT {columns} FROM artwork_artsettings AS settings WHERE connection_id = %s"


def usual_languages() -> list[str]:
    return ["en", ORIGINAL, NONE]


def usual_providers() -> list[str]:
    return [Source.TMDB.value, Source.TVDB.value, Source.FANART.value]


class ArtSettings(models.Model):
    """How the titles of a connection are prepared and written. One without a row has what stands here.

    The `languages` of texts and pictures and the `providers` are in the order in which they are wanted.
    `rules` says of types of pictures how they are chosen where that is not the usual (`choice.rules`).

    The first publication that nobody asked for is held where it would write much (`held_since`, with the
    figures in `held_reason`), until a person has `released` it: from then on none is.

    `writers` are what of other programs, by their connections, writes beside the same videos.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="artwork"
    )
    profile = models.CharField(max_length=10, default=Profile.UNIVERSAL.value)
    adopt = models.CharField(max_length=10, choices=Adopt, default=Adopt.KEEP.value)
    nfo = models.CharField(max_length=10, choices=NfoMode, default=NfoMode.OFF.value)
    languages = ArrayField(models.CharField(max_length=10), default=usual_languages)
    country = models.CharField(max_length=2, default="US", help_text="Whose age ratings are told.")
    providers = ArrayField(models.CharField(max_length=10), default=usual_providers)
    rules = models.JSONField(default=dict)
    fall_back = models.BooleanField(
        default=True, help_text="Give a season without a poster that of its series."
    )
    prepare = models.BooleanField(
        default=True, help_text="Fetch metadata and choose pictures without being asked."
    )
    publish = models.BooleanField(default=False, help_text="Publish what was chosen without being asked.")
    publish_new = models.BooleanField(
        default=True, help_text="Prepare and publish a title when its app imports the first file of it."
    )
    restore = models.BooleanField(
        default=True, help_text="Put back what was published when an app says that it changed a title."
    )
    released = models.BooleanField(default=False)
    held_since = models.DateTimeField(null=True)
    held_reason = PhraseField(blank=True, default="")
    writers = models.JSONField(default=list, db_default=[])

    class Meta:
        verbose_name_plural = "art settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(profile__in=[one.value for one in Profile]), name="art_profile"
            ),
            models.CheckConstraint(condition=Q(adopt__in=Adopt.values), name="art_adopt"),
            models.CheckConstraint(condition=Q(nfo__in=NfoMode.values), name="art_nfo"),
        ]

    def __str__(self) -> str:
        return str(self.connection)

    @classmethod
    def of(cls, connection: Connection) -> ArtSettings:
        columns = sql.columns(cls, "settings")
        rows = sql.fetch(_SETTINGS.format(columns=columns), [connection.pk])
        settings = sql.build(cls, rows[0]) if rows else cls()
        settings.connection = connection
        return settings


UNPUBLISHED = ~Q(wanted=F("published"))
"""The entities beside which something else stands than should."""

UNIDENTIFIED = ~Q(matches=[])
"""The titles of which a person has to say which one of a provider they are."""


class Entity(models.Model):
    """A movie or series, a season, or the video of one or more episodes.

    A `title` is what a season or episode is of; the movie or series has none, and the `media`: without that
    its folder is not known, and nothing is written. `stem` is the path of the video without its suffix,
    `folder` that of a season, both inside the title's folder. `stamp` changes with what lies in it.

    `told` maps the fields of an NFO to what is told of them and by whom, those of a video by the number of
    each episode in it; `artwork.metadata` reads and writes it. `matches` are the titles of providers that it
    may be, where a person has to decide; `identified` is the one that somebody said it is, with the `matches`
    and `ids` that were known before. `prepared_at` says when a title was prepared last. Until
    `put_off_until` nobody is asked about a title in the inbox.

    `wanted` is a digest of what should stand there, `published` of what was written.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    media = models.OneToOneField(Media, on_delete=models.SET_NULL, null=True, related_name="art")
    title = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    kind = models.CharField(max_length=10)
    season = models.PositiveIntegerField(null=True)
    episodes = ArrayField(models.IntegerField(), default=list)
    folder = models.CharField(max_length=4096, blank=True, default="")
    stem = models.CharField(max_length=4096, blank=True, default="")
    own_folder = models.BooleanField(default=True)
    name = models.CharField(max_length=500)
    year = models.PositiveIntegerField(null=True)
    ids = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    matches = models.JSONField(default=list)
    identified = models.JSONField(null=True)
    prepared_at = models.DateTimeField(null=True)
    put_off_until = models.DateTimeField(null=True)
    locks = ArrayField(models.TextField(), default=list)
    wanted = models.CharField(max_length=64, blank=True, default="")
    published = models.CharField(max_length=64, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    stamp = models.CharField(max_length=100, blank=True, default="")
    missing_since = models.DateTimeField(null=True)
    problem = PhraseField(blank=True, default="")

    class Meta:
        verbose_name_plural = "entities"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in Kind]), name="entity_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=("movie", "series")) ^ Q(title__isnull=False), name="entity_of_title"
            ),
            models.UniqueConstraint(
                fields=["title", "season"], condition=Q(kind="season"), name="entity_season"
            ),
            models.UniqueConstraint(
                fields=["title", "stem"], condition=Q(kind="episode"), name="entity_episode"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], include=["title"], condition=UNPUBLISHED, name="entity_unpublished"),
            models.Index(fields=["id"], condition=UNIDENTIFIED, name="entity_unidentified"),
            models.Index(fields=["missing_since"], condition=Q(media=None, title=None), name="entity_gone"),
            models.Index(fields=["prepared_at"], condition=Q(title=None), name="entity_prepared"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.year})" if self.year else self.name

    @classmethod
    def with_parts(cls, titles: Collection[Entity], *, lock: bool = False) -> list[Entity]:
        """Titles, and then all that is a part of them, as they stand in the database now.

        Each knows its title and its connection. With a `lock` nobody else writes them until the caller's
        transaction ends.
        """
        ids = [title.pk for title in titles]
        statement = _PARTS.format(columns=sql.columns(cls, "entity")) + ("FOR UPDATE" if lock else "")
        rows = [sql.build(cls, row) for row in sql.fetch(statement, [ids, ids])]
        connections = {title.connection_id: title.connection for title in titles}
        by_key = {row.pk: row for row in rows}
        for row in rows:
            if row.connection_id in connections:
                row.connection = connections[row.connection_id]
            if row.title_id in by_key:
                row.title = by_key[row.title_id]
        return rows

    @property
    def root(self) -> Entity:
        """The movie or series that it is, or is a part of."""
        return self.title or self

    @property
    def all_locks(self) -> Locks:
        """Its locks; a title that is locked as a whole locks its parts too."""
        return Locks([*self.locks, *([WHOLE] if WHOLE in self.root.locks else [])])

    @property
    def place(self) -> Place:
        return Place(Kind(self.kind), self.stem, self.own_folder, self.season, self.folder)

    @property
    def subject(self) -> Subject:
        """What jobs and events are about: the title of the library."""
        return Subject(MEDIA, self.root.media_id or 0)


class ChosenBy(models.TextChoices):
    ADOPTED = "adopted"
    USER = "user"
    AUTO = "auto"


class Candidate(models.Model):
    """A picture that an entity could have; `rank` is that of those that were chosen, 0 for the first.

    `address` is the path inside the title's folder of a local one, the digest of one that a person uploaded.
    `digest` is empty until it is kept; `preview` is that of the small version which people saw before.

    `language` is `NONE` for one without text, empty where nobody knows. `favour`, from 0 to 1, is what the
    `voters` think of it. `score` and its `parts` are None and empty for what will not do; `reason` is why it
    was not chosen. It was `rejected` for this title by a person; since `gone_at` its provider does not list
    it any more.
    """

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="candidates")
    art = models.CharField(max_length=20)
    source = models.CharField(max_length=10, choices=Source)
    address = models.CharField(max_length=4096)
    thumbnail = models.CharField(max_length=1000, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    favour = models.FloatField(null=True)
    voters = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True)
    parts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, default="")
    preview = models.CharField(max_length=64, blank=True, default="", db_default="")
    rank = models.PositiveSmallIntegerField(null=True)
    chosen_by = models.CharField(max_length=10, choices=ChosenBy, blank=True, default="")
    refused = PhraseField(blank=True, default="")
    reason = PhraseField(blank=True, default="")
    rejected = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "art", "source", "address"], name="candidate_is_unique"
            ),
            models.UniqueConstraint(
                fields=["entity", "art", "rank"],
                condition=Q(rank__isnull=False),
                name="candidate_rank",
            ),
            models.CheckConstraint(
                condition=Q(rank=None) | Q(refused="", rejected=False),
                name="candidate_chosen_is_not_refused",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(source="local", digest="", refused=""),
                name="candidate_not_kept",
            ),
            models.Index(fields=["digest"], name="candidate_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.art} of {self.entity_id}: {self.address}"

    @classmethod
    def of(cls, entities: Iterable[Entity], *, lock: bool = False) -> list[Candidate]:
        """The candidates of these; with a `lock` nobody else writes them until the transaction ends."""
        statement = _CANDIDATES.format(columns=sql.columns(cls, "picture")) + (" FOR UPDATE" if lock else "")
        return [sql.build(cls, row) for row in sql.fetch(statement, [[one.pk for one in entities]])]


class Rejected(models.Model):
    """A picture that nobody wants of any title, known by its address, and once kept by what it looks like."""

    source = models.CharField(max_length=10, choices=Source)
    address = models.CharField(max_length=4096)
    digest = models.CharField(max_length=64, blank=True, default="")
    phash = models.BigIntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    rejected_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "rejected"
        constraints = [models.UniqueConstraint(fields=["source", "address"], name="rejected_once")]

    def __str__(self) -> str:
        return self.address


class State(models.TextChoices):
    """`planned`: the journal of what is being written. The others have ended."""

    PLANNED = "planned"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"


class Publication(models.Model):
    """What was written for a title at once: the journal while it is written, and the memory to undo it.

    `steps` are the writes as JSON; `wanted` maps entities to the digest of what they should have had.
    """

    title = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="publications")
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    steps = models.JSONField()
    wanted = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    restores = models.BooleanField(default=False)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    error = PhraseField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["title"], condition=Q(state="planned"), name="publication_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["ended_at"], name="publication_ended")]

    def __str__(self) -> str:
        return f"publication {self.pk}"

    @property
    def writes(self) -> list[Write]:
        return [Write(**step) for step in self.steps]


class PublishedFile(models.Model):
    """A file beside a title that is ours, as it was when we last looked. `digest` is in the storage.

    Of an NFO `told` is the kept one that holds what we told alone, whatever others have written beside it.
    `path` is inside the title's folder. `restored` counts how often it was put back in place of
    what another program had made of it.
    """

    title = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="files")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=4096)
    art = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=64)
    told = models.CharField(max_length=64, blank=True, default="")
    size = models.BigIntegerField()
    mtime_ns = models.BigIntegerField()
    restored = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title", "path"], name="published_file_is_unique")]

    def __str__(self) -> str:
        return self.path


class Recheck(models.Model):
    """A title that is looked at again, since its app may delete files a while after it says what it does.

    `step` counts the looks since it was `asked_at`.
    """

    title = models.OneToOneField(Entity, on_delete=models.CASCADE, primary_key=True, related_name="recheck")
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    step = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="recheck_due")]

    def __str__(self) -> str:
        return f"recheck of {self.title_id}"
