"""Django's settings. What a person may set stands in `core.options`; here it takes effect.

A wrong value ends the process with one line that names the setting (exit code 2), whichever program it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import env, keys, logs, masking, options, servers
from core.errors import ConfigError
from taggarr import sign_in
from taggarr.front import LARGEST_BODY

BASE_DIR = Path(__file__).resolve().parent.parent

with env.refusing():
    env.check_names(options.ALL)
    TAGGARR_DATA = options.DATA.read()
    SECRET_KEY = keys.secret_key(TAGGARR_DATA)
    ENCRYPTION_KEYS = keys.encryption_keys(TAGGARR_DATA)
    BIND = options.BIND.read()
    DEBUG = options.DEBUG.read()
    if DEBUG and not servers.is_loopback(BIND):
        raise ConfigError("TAGGARR_DEBUG is on and TAGGARR_BIND is not loopback: switch one of them off.")
    TIME_ZONE = options.TZ.read()
    TAGGARR_HOSTS = options.ALLOWED_HOSTS.read()
    CSRF_TRUSTED_ORIGINS = options.TRUSTED_ORIGINS.read()
    TASK_EVENTS = options.TASK_EVENTS.read()
    LOG_LEVEL = options.LOG_LEVEL.read()
    LOG_FORMAT = options.LOG_FORMAT.read()
    NEW_API_KEY = options.NEW_API_KEY.read()
    PUBLIC_URL = options.PUBLIC_URL.read()
    RELEASES_URL = options.RELEASES_URL.read()
    METRICS_TOKEN = options.METRICS_TOKEN.read()
    METRICS_NETWORKS = options.METRICS_NETWORKS.read()
    AUDIT_LOG_MODE = options.AUDIT.read()
    MEDIA_FOLDERS = options.MEDIA_FOLDERS.read()
    ALLOW_LOOPBACK = options.ALLOW_LOOPBACK.read()
    TRUSTED_PROXIES = options.TRUSTED_PROXIES.read()
    BASE_PATH = options.BASE_PATH.read()
    SECURE_HSTS_SECONDS = options.HSTS_SECONDS.read()
    CORS_ALLOWED_ORIGINS = options.CORS_ORIGINS.read()
    FORWARD_AUTH_HEADER = options.FORWARD_AUTH_HEADER.read()
    if FORWARD_AUTH_HEADER and not TRUSTED_PROXIES:
        raise ConfigError(
            "TAGGARR_FORWARD_AUTH_HEADER is set and TAGGARR_TRUSTED_PROXIES is empty: name the proxy that "
            "sends the header."
        )
    FORWARD_AUTH_API = options.FORWARD_AUTH_API.read()
    NEW_USERS = options.NEW_USERS.read()
    OIDC_ADMIN_GROUP = options.OIDC_ADMIN_GROUP.read()
    SOCIALACCOUNT_PROVIDERS = sign_in.providers()
    MAIL = sign_in.mail_settings()
    if MAIL and not PUBLIC_URL:
        raise ConfigError(
            "TAGGARR_MAIL_URL is set and TAGGARR_PUBLIC_URL is empty: the mailed links need an address."
        )

    # The servers: as set, else those that `script/up` started over this data folder, else none yet
    # (makemigrations and type checks need none; what does need one says so when it connects).
    _running = servers.running_servers(TAGGARR_DATA)
    DATABASE_URL = options.DATABASE_URL.read() or (_running["database_url"] if _running else "")
    REDIS_URL = options.REDIS_URL.read() or (_running["redis_url"] if _running else "")
    DATABASES: dict[str, dict[str, Any]] = {
        "default": servers.database_settings(
            DATABASE_URL or "postgresql://127.0.0.1/taggarr", options.DATABASE_PASSWORD.read()
        )
    }
    REDIS_URL = servers.redis_address(REDIS_URL or "redis://127.0.0.1:6379/0", options.REDIS_PASSWORD.read())

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Without a search for the admin's pages: taggarr.urls does that, which workers never import.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "accounts",
    "history",
    "connections",
    "jobs",
    "storage",
    "library",
    "providers",
    "scanner",
    "players",
    "artwork",
    "catalogue",
    "notify",
    "system",
    "api",
    "web",
    "original",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
# In their own words: what a visitor can choose. See CONTRIBUTING.md, translations.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "taggarr_language"

# --- Web ------------------------------------------------------------------------------------------

ROOT_URLCONF = "taggarr.urls"
MIDDLEWARE = [
    "system.middleware.around_all",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "web.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *(["accounts.forward_auth.ForwardAuthMiddleware"] if FORWARD_AUTH_HEADER else []),
    "web.page_language.PageLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.pages",
            ]
        },
    }
]
# Which names are allowed is decided by `system.middleware`: Django's patterns cannot say "any IP address".
ALLOWED_HOSTS = ["*"]
DEFAULT_EXCEPTION_REPORTER_FILTER = "taggarr.error_pages.SecretsFilter"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# All scripts, styles and pictures are files of our own; `data:` is for the icons of Django's admin.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_NAME = "taggarr_session"
CSRF_COOKIE_NAME = "taggarr_csrf"
# Secure is added where the request came over TLS, and links of other sites come in by a step of their own:
# system/middleware.py.
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
FORCE_SCRIPT_NAME = BASE_PATH or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{BASE_PATH}/"
# Other origins that are named may call the API with a key, and never with somebody's session.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = (
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-request-id",
)
CORS_EXPOSE_HEADERS = ("ETag", "Link", "Location", "Retry-After", "X-Request-ID")
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_BODY

STATIC_URL = f"{BASE_PATH}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Static files are served from where they are installed: there is no copy that could be older than the
# program.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Signing in: see docs/security.md ---------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    *(["accounts.forward_auth.ForwardAuthBackend"] if FORWARD_AUTH_HEADER else []),
]
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.adapters.LoginForm",
    "reauthenticate": "accounts.adapters.ReauthenticateForm",
    "change_password": "accounts.adapters.ChangePasswordForm",
    "reset_password": "accounts.adapters.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"setup": "10/m/ip"}
# Seconds that a sign-in is a recent one: `accounts.sessions`.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
SOCIALACCOUNT_ADAPTER = "accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Taggarr"
CACHES: dict[str, dict[str, Any]] = {
    # What allauth counts. Where each process counts by itself there is room for so much that a flood does not
    # push out what it wants forgotten.
    "default": {
        "BACKEND": "accounts.attempts.Attempts",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "taggarr:attempts",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # What a page need not find out anew each time.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
if MAIL:
    EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.ssl, MAIL.starttls
    EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = options.MAIL_FROM.read()

# --- API: see docs/api.md --------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.auth.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.auth.MayDo"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.strict.JsonBody"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.problems.respond",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Taggarr",
    "DESCRIPTION": "Which audio languages your Sonarr and Radarr files really hold. How to sign in, pages, "
    "errors and examples: docs/api.md.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "scanner.models.Verdict",
        "Kind": "library.models.Kind",
        "EventKind": "api.routes.history.KINDS",
        "Topic": "api.routes.channels.TOPICS",
        "ChannelKind": "notify.models.ChannelKind",
        "JobState": "jobs.models.JobState",
        "ItemState": "jobs.models.ItemState",
        "LinkState": "players.models.LinkState",
        "WorkKind": "catalogue.api.works.KINDS",
        "TrackKind": [("audio", "audio"), ("text", "text")],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_problems",
        "api.schema.add_etags",
        "api.schema.add_texts",
    ],
}

# --- Jobs: see docs/job-engine.md -----------------------------------------------------------------

# Seconds: how long a worker holds an item without a sign of life, how often the tick comes, and when a
# message of which nothing came is sent again.
JOB_LEASE = 120
JOB_TICK = 10
JOB_RING_AGAIN_AFTER = 30
# The most messages that lie in one queue: enough to wake every worker.
JOB_WINDOW = 50
# Seconds: health tells of a clock that is further from the database's than this.
CLOCK_SKEW = 30
# What beat sends again and again ends so many seconds later, by the worker's clock. Beat's machine may be
# behind and the worker's ahead: nothing may get lost by that before health has told of it.
BEAT_MESSAGE_LIFE = 3 * CLOCK_SKEW

# --- Celery ---------------------------------------------------------------------------------------

CELERY_BROKER_URL = servers.broker_address(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = servers.BROKER_OPTIONS
# A lost message is made good by the tick; whoever publishes one must not wait long for a broker that is away.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = servers.DEFAULT_QUEUE
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Celery would close the database connection before and after each task, whatever its age: 6 ms an item.
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
# KiB; a process that ever took more, which is three times what one does, ends with its task, for a fresh one.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 512 * 1024
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = TASK_EVENTS
CELERY_TASK_SEND_SENT_EVENT = TASK_EVENTS
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "jobs.scheduler:Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {
        "task": "jobs.tick",
        "schedule": float(JOB_TICK),
        # django-celery-beat's name for `expires`. What apps bring joins it: `jobs.contract.Periodic`.
        "options": {"queue": "io", "expire_seconds": BEAT_MESSAGE_LIFE},
    }
}

# What Celery is given: these under its own names, and nothing else. It shows all that it has to whoever may
# look at workers (Flower, `celery inspect conf`), and Django's hold passwords that it would not know as such.
CELERY: dict[str, Any] = {
    name.removeprefix("CELERY_").lower(): value
    for name, value in list(globals().items())
    if name.startswith("CELERY_")
}
# Celery's support of Django asks for this one alone by its old name.
CELERY["CELERY_DB_REUSE_MAX"] = CELERY.pop("db_reuse_max")

# --- Logs -----------------------------------------------------------------------------------------

for _secret in (
    SECRET_KEY,
    *ENCRYPTION_KEYS,
    METRICS_TOKEN,
    REDIS_URL,
    DATABASES["default"].get("PASSWORD", ""),
    MAIL.password if MAIL else "",
    sign_in.client_secret(),
):
    masking.remember(_secret or "")
LOGGING_CONFIG = "core.logs.configure"
LOGGING = logs.logging_settings(LOG_LEVEL, LOG_FORMAT)
# Admins may watch the lines as they come (docs/api.md, live events).
LOGGING["handlers"]["live"] = {"class": "core.live.LiveHandler", "level": "INFO"}
LOGGING["root"]["handlers"].append("live")
# A request that is refused (4xx) is the asker's matter; what fails here is logged where it fails.
LOGGING["loggers"]["django.request"] = {"level": "ERROR"}
