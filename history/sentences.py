"""What an event tells, in the language of whoever looks at a page.

English texts are stored. Those of the events that nearly all of history is made of are made anew here from
what is stored beside them; of the others the English text serves.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Event, EventKind


def sentence_of(event: Event) -> str:
    """Return the text of an event. Its instance should be loaded with it."""
    if get_language() in (None, settings.LANGUAGE_CODE) or event.instance is None:
        return event.text
    told = {"title": event.title, "instance": event.instance.name}
    match event.kind:
        case EventKind.MEDIA_ADDED:
            return _("%(title)s was added to %(instance)s") % told
        case EventKind.MEDIA_REMOVED:
            return _("%(title)s is gone from %(instance)s") % told
        case EventKind.TAGS:
            return _tags_written(event, told)
    return event.text


def _tags_written(event: Event, told: dict[str, str]) -> str:
    if not (isinstance(event.before, list) and isinstance(event.after, list)):
        return event.text
    told["added"] = ", ".join(sorted(set(event.after) - set(event.before)))
    told["removed"] = ", ".join(sorted(set(event.before) - set(event.after)))
    if told["added"] and told["removed"]:
        return _("%(title)s: added %(added)s and removed %(removed)s in %(instance)s") % told
    if told["added"]:
        return _("%(title)s: added %(added)s in %(instance)s") % told
    if told["removed"]:
        return _("%(title)s: removed %(removed)s in %(instance)s") % told
    return event.text
