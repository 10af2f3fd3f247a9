"""What notifications have to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

TEXTS = {
    "channel.apprise": _("Apprise does not know this address: its list of services shows how to write it."),
    "channel.apprise-again": _("Apprise does not know the address of this channel: enter it again."),
    "channel.discord": _(
        "This is not a Discord webhook: those begin with https://discord.com/api/webhooks/."
    ),
    "channel.failing": _("Notifications through %(channel)s are failing: %(error)s"),
    "channel.kind": _("There is no kind of channel %(kind)s: choose %(known)s."),
    "channel.local-file": _("This address would send out a file of this machine: leave that part out."),
    "channel.mail-server": _(
        "Enter the mail server as smtps://mail.example.org, or with starttls:// or smtp:// before its name."
    ),
    "channel.missing": _("%(field)s is missing."),
    "channel.name-length": _("Give the channel a shorter name: at most %(number)d characters."),
    "channel.name-taken": _("There is already a channel called %(name)s: choose another name."),
    "channel.nameless": _("Give the channel a name."),
    "channel.not-taken": _(
        "%(service)s did not take the message: check the channel's settings, and that it can be reached."
    ),
    "channel.option": _(
        "Taggarr does not allow this option: %(options)s. An option can name a file of this machine, "
        "or another server. This service may have: %(allowed)s."
    ),
    "channel.secret-again": _("Enter this again: a stored secret is never sent to a new server."),
    "channel.server": _("Enter the server's address, such as https://push.example.org."),
    "channel.service": _(
        "Taggarr sends nothing through %(service)s: its addresses name a file of this machine, or "
        "reach only what runs on it."
    ),
    "channel.telegram": _(
        "This is not the token of a Telegram bot: BotFather hands out ones like 123456:ABC-DEF."
    ),
    "channel.topic": _("There is no event %(topic)s: choose from %(known)s."),
    "channel.unnamed-option": _(
        "Taggarr does not allow one of these options. An option can name a file of this machine, or "
        "another server. This service may have: %(allowed)s."
    ),
    "channel.unreached": _("The service could not be reached (%(error)s)."),
    "webhook.address": _("The address of a webhook begins with http:// or https://."),
    "webhook.answers": _("The webhook answers %(answer)d."),
    "webhook.redirects": _("The webhook answers %(answer)d: enter the address it redirects to."),
    "webhook.refuses": _("The webhook refuses the message (%(answer)d)."),
    "webhook.silent": _("The webhook does not answer (%(error)s)."),
}

BRINGS = Words(
    texts=TEXTS,
    jobs={"notify": _("notifications")},
    steps={"send": _("what is sent")},
    audited={"channel": _("channel")},
)
