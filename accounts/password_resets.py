"""Links to a new password, by mail.

The web request writes one row and is answered, whether there is such an account or not: neither the time it
takes nor a mail server that is away tells who has one. Beat has the rows looked at every ten seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPException, SMTPResponseException

from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import ResetRequest, User
from core.issues import Action, Issue, Severity
from core.words import Phrase

logger = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
"""So long a mail is tried; whoever still wants it asks again."""

FIRST_PAUSE = timedelta(seconds=10)
MOST_DOUBLINGS = 5


def ask(address: str) -> None:
    ResetRequest.objects.create(address=address, language=translation.get_language() or "en")


def send_due() -> int:
    """Send the links that are due; return how many mails were sent.

    While the mail server is away none of the others is tried: each may take ten seconds.
    """
    given_up, _by_model = ResetRequest.objects.filter(made_at__lt=Now() - KEPT).delete()
    if given_up:
        logger.error("gave up %s requests for a new password: the mails could not be sent", given_up)
    sent, failed = 0, False
    while settings.MAIL and not failed:
        with transaction.atomic():
            due = ResetRequest.objects.filter(due_at__lte=Now()).order_by("due_at")
            request = due.select_for_update(skip_locked=True).first()
            if request is None:
                break
            try:
                sent += _send(request)
            except OSError as error:  # smtplib's own errors are of this kind too
                failed = True
                _put_back(request, _reason(error))
            else:
                request.delete()
    return sent


def unsent_mails() -> Iterator[Issue]:
    failing = ResetRequest.objects.exclude(error="").order_by("-attempts").first()
    if failing is None:
        return
    yield Issue(
        severity=Severity.ERROR,
        what=Phrase("password-reset.not-sent", error=failing.error),
        meaning=_("Anyone who has forgotten their password waits in vain."),
        remedy=_("Correct TAGGARR_MAIL_URL, or set the password for them."),
        action=Action(_("Open the users"), "users", command="manage.py changepassword"),
        since=ResetRequest.objects.exclude(error="").aggregate(first=Min("made_at"))["first"],
    )


def _send(request: ResetRequest) -> int:
    users = filter_users_by_email(request.address, is_active=True, prefer_verified=True, for_login=True)
    for user in users:
        known = user.language in dict(settings.LANGUAGES)
        with translation.override(user.language if known else request.language):
            told = {"user": user, "password_reset_url": _link(user)}
            subject = render_to_string("account/email/password_reset_key_subject.txt", told).strip()
            text = render_to_string("account/email/password_reset_key_message.txt", told).strip()
        send_mail(f"[Taggarr] {subject}", text, settings.DEFAULT_FROM_EMAIL, [request.address])
    return len(users)


def _link(user: User) -> str:
    """The address of the page: below the one that the owner set, whatever host a request named."""
    given = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=given)
    return f"{settings.PUBLIC_URL}{path.removeprefix(get_script_prefix().rstrip('/'))}"


def _put_back(request: ResetRequest, reason: str) -> None:
    logger.warning("a mail with a link to a new password could not be sent: %s", reason)
    pause = FIRST_PAUSE * 2 ** min(request.attempts, MOST_DOUBLINGS)
    ResetRequest.objects.filter(pk=request.pk).update(
        attempts=request.attempts + 1, error=reason, due_at=Now() + pause
    )


def _reason(error: OSError) -> str:
    """What went wrong, without the address it was for: health shows it to all."""
    if isinstance(error, SMTPResponseException):
        return f"the mail server answers {error.smtp_code}"
    if isinstance(error, SMTPException):
        return type(error).__name__
    return error.strerror or type(error).__name__
