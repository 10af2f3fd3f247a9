"""How long an answer is taken for true. Pure: no Django, and the time is given."""

from __future__ import annotations

from datetime import date, datetime, timedelta

AIRING = timedelta(hours=24)
RECENT = timedelta(days=7)
OLD = timedelta(days=30)
MISSING = timedelta(hours=24)
"""After so long it is asked again whether there is such a title by now."""

SEARCH = timedelta(hours=24)
LIST = timedelta(hours=1)
"""So long a page of a list of changes is kept: a job that had to wait goes on with the next one."""

LONGEST = timedelta(days=180)
"""TMDB allows no longer: https://www.themoviedb.org/documentation/api/terms-of-use"""

SPREAD = timedelta(days=30)
"""Over so many days before that answers go that came on one day: else all were asked for on one day again."""

VOUCHED = timedelta(days=3)
"""So long after the end of a list of changes an answer is true that it does not name: it is read daily."""

LOOK_BACK = timedelta(days=14)
"""So far back lists of changes are asked for, TMDB's limit."""

_A_MONTH, _A_YEAR = timedelta(days=30), timedelta(days=365)


def of_title(last: date | None, today: date, *, is_ongoing: bool) -> timedelta:
    """How long what is said of a title holds; `last` is its last day so far, or its first.

    What is running, to come or just out changes daily; what is older than a year hardly ever.
    """
    if is_ongoing or last is None or today - last < _A_MONTH:
        return AIRING
    return RECENT if today - last < _A_YEAR else OLD


def ends_at(fetched: datetime, key: str) -> datetime:
    """When an answer is used no more, whoever vouches for it; `key` is hexadecimal."""
    return fetched + LONGEST - SPREAD * (int(key[:4], 16) / 0x10000)


def covered(
    since: datetime | None, until: datetime | None, oldest: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """From when on all changes are known once the next list is read, and since when that must tell of.

    `since` and `until` are of the lists read so far, None where there are none; `oldest` is the oldest
    answer's time. What nobody looked at for longer than a list reaches back is a gap: it begins anew after.
    """
    reach = now - LOOK_BACK
    if since is None or until is None or until < reach:
        start = max(oldest, reach)
        return start, start
    return since, until
