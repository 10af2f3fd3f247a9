"""What an Apprise address may ask for: a list of options for every service.

Apprise takes options that have it read a file of this machine and send it out (`template`, `keyfile`), fetch
something from another machine, or follow a redirect. So an option is taken only where it stands here, and a
service that stands nowhere here is refused. `tests/notify/test_options.py` looks at every plugin of Apprise.
"""

from __future__ import annotations

import logging
from typing import Any

import apprise
from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict
from apprise.utils.parse import parse_url

from core.errors import ConfigError

COMMON = frozenset(("cto", "emojis", "format", "overflow", "retry", "rto", "tz", "verify", "wait"))
"""Options that every service has: time limits, the form of the text, whether certificates are checked."""

_PREFIXES = ("+", "-", ":")
"""Begin names that a person makes up: headers, fields, places in a template of the service."""

_NOTHING: dict[str, dict[str, str]] = {"qsd": {}, "qsd+": {}, "qsd-": {}, "qsd:": {}}

OPTIONS: dict[str, str] = {
    "46Elks": "from to",
    "AMQP": "exchange mandatory persistent priority to ttl ver version vhost +",
    "AfricasTalking": "apikey batch from mode to",
    "AppriseAPI": "method tags to token v version +",
    "Aprs": "delay locale to",
    "Bark": (
        "action archive badge call category click copy delete group id image key level sound subtitle "
        "to ttl volume"
    ),
    "BetterStack": "alert from policy team_wait to token",
    "BlueSky": "",
    "Brevo": "bcc cc reply to",
    "BulkSMS": "batch from route to unicode",
    "BulkVS": "batch from to",
    "BurstSMS": "batch country from key secret source to validity",
    "CM": "batch channels from to token",
    "Chanify": "token",
    "ClickSend": "batch key to",
    "Clickatell": "apikey from to",
    "Cliq": "botname broadcast company image region to token",
    "D7Networks": "batch from source to token unicode",
    "Dapnet": "batch priority to txgroups",
    "DeltaChat": "bcc cc from mode name reply smtp to +",
    "DingTalk": "secret to token",
    "Discord": "avatar batch botname fields flags footer footer_logo href image ping thread tts url",
    "Dot": "border dither_kernel dither_type icon image link mode refresh signature task_key",
    "Eight00com": "from to token",
    "Email": "bcc cc from mode name reply smtp to +",
    "Emby": "modal",
    "Enigma2": "timeout +",
    "Evolution": "to",
    "Exotel": "apikey batch from key priority region sid source to token unicode",
    "FCM": "apikey color image mode priority project to +",
    "Feishu": "token",
    "FireHydrant": "action click dedup image level priority tags token +",
    "Flock": "image to",
    "Flowtriq": "",
    "Fluxer": (
        "avatar botname fields flags footer footer_logo href image mode name path ping thread "
        "thread_name tts url"
    ),
    "Form": "method + - :",
    "FreeMobile": "",
    "GitHub": "assignees category labels token",
    "GoAlert": "action dedup to token +",
    "GoogleChat": "key thread threadkey token workspace",
    "Gorush": "badge mode platform priority sound to topic +",
    "Gotify": "priority",
    "Groundmail": "apikey bcc cc from name reply to",
    "GroupMe": "bot_id token",
    "Guilded": "avatar batch fields flags footer footer_logo href image ping thread tts url",
    "Gupshup": "app from key source template to :",
    "HomeAssistant": "accesstoken batch nid prefix to token",
    "HttpSMS": "from key to",
    "HumHub": "to",
    "IFTTT": "to + -",
    "ILert": "action click dedup image key priority route +",
    "IRC": "host join mode name nick to",
    "IncidentIO": "action click dedup source token +",
    "Infobip": "from key to",
    "JSON": "method + - :",
    "Jellyfin": "modal",
    "Jira": "action alias apikey batch entity priority region tags to + :",
    "Join": "image priority to",
    "KakaoTalk": "link secret to",
    "Kaleyra": "batch flash from key region sender sid template to type",
    "Kavenegar": "from to",
    "Kook": "mode to token",
    "Kumulos": "",
    "LFGAlarm": "token",
    "Lametric": "apikey app app_id app_token app_ver cycles icon icon_type mode priority sound token",
    "Lark": "token",
    "Lauther": "click color group priority route sound token",
    "Line": "image to token",
    "MSG91": "short_url to :",
    "MailerSend": "bcc cc reply to",
    "Mailgun": "batch bcc cc from name region to + :",
    "Mastodon": "batch cache key language ping spoiler to token visibility",
    "Matrix": "autoverify discovery e2ee hsreq image mode msgtype path to token v version",
    "Mattermost": "botname channel channels image mode team to",
    "MessageBird": "from to",
    "Misskey": "token visibility",
    "MobileMessage": "batch from max_parts ref to unicode",
    "Nextcloud": "to url_prefix version +",
    "NextcloudTalk": "secret silent url_prefix +",
    "Nostr": "key mode relay to",
    "Notica": "+",
    "Notifiarr": "apikey event from image key source to",
    "Notifico": "color prefix project token",
    "Notifyre": "campaign from header hq mode ref template to",
    "Ntfy": "actions auth click delay email image mode priority tags to token xtags",
    "Octopush": "batch key login purpose replies sender to type",
    "Office365": "bcc cc from mode oauth_id oauth_secret reply_to savesent tenant to",
    "OneBot": "to token",
    "OneSignal": "apikey app batch contents decode image lang language subtitle template to + :",
    "Opsgenie": "action alias apikey batch entity priority region tags to + :",
    "PagerDuty": (
        "action apikey class click component dedup group image integrationkey region severity source +"
    ),
    "PagerTree": "action dedup id integration tags thirdparty tid urgency + - :",
    "ParsePlatform": "app_id device master_key",
    "Pinglet": "priority token + :",
    "Pingram": "apikey bcc cc channels from mode region reply to type :",
    "Plivo": "batch from id to token",
    "Postmark": "apikey bcc cc from name reply to",
    "Prowl": "priority",
    "PushBullet": "to",
    "PushDeer": "",
    "PushMe": "push_key status token",
    "PushSafer": "priority sound to vibration",
    "PushWard": "apikey failure info level success volume warning",
    "Pushed": "to",
    "Pushjet": "secret",
    "Pushover": "e2ee expire interval key priority sound to url url_title",
    "Pushplus": "channel mode name to token topic",
    "Pushy": "badge key sound to",
    "QQ": "token",
    "RSyslog": "facility logpid",
    "Reddit": "ad app_id app_secret flair_id flair_text kind nsfw replies resubmit spoiler to",
    "Resend": "apikey bcc cc from name reply to",
    "Revolt": "bot_token channel to url",
    "RingCentral": "env from mode secret source to token",
    "RocketChat": "avatar mode to webhook",
    "Ryver": "image mode",
    "SES": "access bcc cc from key name region reply secret to token",
    "SFR": "from lang media sender timeout to voice",
    "SIGNL4": "action alerting_scenario dedup external_id filtering location secret service status",
    "SMSC": "sender to translit",
    "SMSEagle": "batch flash priority status test to token",
    "SMSManager": "batch from gateway key sender to",
    "SMSTunnel": "country device key to",
    "SMTP2Go": "batch bcc cc name to +",
    "SNS": "access key mode region secret to token",
    "SendGrid": "bcc cc template to +",
    "SendPulse": "bcc cc from id secret template to user +",
    "ServerChan": "",
    "SerwerSMS": "from sender to",
    "SessionOGS": "key public_key seed to",
    "Seven": "flash from label source to",
    "SignalAPI": "batch from status to",
    "Signalgrid": "client_key critical to",
    "SimplePush": "broadcast critical_volume links password priority shared sptag to topic_auth_token",
    "Sinch": "from region source spi to token",
    "Slack": "blocks footer image mode timestamp to token",
    "SparkPost": "batch bcc cc name region to + :",
    "Spike": "token",
    "Splunk": "action apikey entity_id route routing_key :",
    "Spugpush": "token",
    "Squadcast": "action dedup key priority region +",
    "Stackfield": "token",
    "Streamlabs": "alert_type amount call currency duration identifier name special_text_color",
    "Synology": "token +",
    "TechulusPush": "",
    "Telegram": "content detect image mdv preview silent thread to topic",
    "Telesign": "from key to type",
    "Telnyx": "from key profile to",
    "Threema": "from gwid secret to",
    "Trigv": "event_type priority to urgency url",
    "Twilio": "apikey from method sid source to token",
    "Twist": "to",
    "Twitter": "batch cache mode to",
    "Viber": "from to token",
    "Voipms": "from to",
    "Vonage": "from key secret source to ttl",
    "WPush": "apikey channel group option to topic topic_code url",
    "WeChat": "to",
    "WeComBot": "key",
    "WebexTeams": "mode to token",
    "Whapi": "preview to token",
    "WhatsApp": "from lang language source template to token :",
    "Workflows": "api-version id image pa powerautomate route routeid sig signature ver workflow wrap",
    "WxPusher": "to token",
    "XBMC": "duration image",
    "XML": "method + - :",
    "XMatters": "apikey recipients to",
    "YouLMK": "failure group image info priority success token url url_label warning",
    "Zalo": "to token",
    "Zoom": "mode token",
    "Zulip": "to token",
}
"""The options of each service, by the name of its class in Apprise; `+`, `-` and `:` stand for made-up names.

Not listed, though Apprise has them: what names a file (`template` where it is a path, `keyfile`, `pgp`,
`store`) or a thing to attach, what the service or Apprise would fetch from elsewhere (`avatar_url`, `wkd`),
`redirect`, and `optional`, which has a failure pass for a success.
"""


def service_of(address: str) -> apprise.NotifyBase | None:
    """Return the service that an address names, None where Apprise knows none.

    Raises ConfigError for a service or an option that is not on the list. What is looked at is what Apprise's
    own parser makes of the address: it splits and decodes in its own way. The service is made of just that.
    """
    # What Apprise has to say of a wrong address may repeat it.
    with apprise.LogCapture(level=logging.CRITICAL):  # type: ignore[no-untyped-call]
        parts = url_to_dict(address)  # type: ignore[no-untyped-call]
        if parts is None:
            return None
        _refuse_options(parts, parse_url(address, verify_host=False) or _NOTHING)  # type: ignore[no-untyped-call]
        found: apprise.NotifyBase | None = apprise.Apprise.instantiate(
            parts, asset=apprise.AppriseAsset(http_redirects=False), suppress_exceptions=True
        )
    return found


def _refuse_options(*parsed: dict[str, Any]) -> None:
    plugin = NotificationManager()[parsed[0]["schema"]]  # type: ignore[no-untyped-call]
    name = plugin.__name__.removeprefix("Notify")
    if name not in OPTIONS:
        raise ConfigError("channel.service", service=plugin.service_name)
    allowed = COMMON | set(OPTIONS[name].split())
    made_up = tuple(prefix for prefix in _PREFIXES if prefix in allowed)
    refused = {key for parts in parsed for key in parts["qsd"] if not key.startswith(made_up)} - allowed
    # Apprise takes a blank for a plus sign, so a name may be made up that does not look it.
    refused |= {sign for sign in _PREFIXES if sign not in allowed and any(p[f"qsd{sign}"] for p in parsed)}
    if refused:
        # Any other name may be a part of a secret that was typed in the wrong place.
        known = sorted(refused & set(plugin.template_args))
        raise ConfigError("channel.option", options=known, allowed=sorted(allowed))


def _refuse_attachment(*_: Any, **__: Any) -> bool:
    """Attach nothing. We never do, so whatever a service wants to attach came out of an address."""
    raise ConfigError("channel.local-file")


apprise.AppriseAttachment.add = _refuse_attachment  # type: ignore[method-assign]
