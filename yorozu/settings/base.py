"""What is the same everywhere; `data` says where things are kept, the others what differs."""

from typing import Any

from csp.constants import NONE, SELF

from yorozu.settings.data import *

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "yorozu.urls"
WSGI_APPLICATION = "yorozu.wsgi.application"
ASGI_APPLICATION = "yorozu.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "yorozu.core.accounts",
    "yorozu.core.audit",
    "yorozu.core.jobs",
    "yorozu.core.notices",
    "yorozu.core.imports",
    "hubs",
    "evaluation",
    "yorozu.portal",
    "allauth",
    "allauth.account",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "yorozu.core.web.sessions.SessionLimitMiddleware",
    "yorozu.core.web.sessions.NoStoreMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yorozu.core.web.middleware.ScopeMiddleware",
    "yorozu.core.web.middleware.RefusalMiddleware",
    "yorozu.core.web.middleware.PlainTextMiddleware",
    "yorozu.core.web.middleware.ReadOnlyGetMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
                "yorozu.core.web.context.frame",
            ],
            "libraries": {"yz": "yorozu.core.web.templatetags.yz"},
        },
    }
]
FORM_RENDERER = "yorozu.core.web.forms.PortalRenderer"

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "yorozu.core.access.PolicyBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "yorozu.core.accounts.adapter.PortalAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by administrators, never by sign-up
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset for an unknown address sends no mail
# Where a person's organisation and role come from; core must not import the hubs app.
SCOPE_RESOLVER = "hubs.network.scope.resolve"
MEMBERSHIPS = "hubs.network.scope.memberships"
MEMBERSHIPS_BY_USER = "hubs.network.scope.memberships_by_user"
HUB_CHOICES = "hubs.network.scope.hub_choices"
# Whom a person without a valid role asks.
SUPPORT_CONTACT = env.str("YOROZU_SUPPORT_CONTACT", default="全国本部のシステム管理者")
# What stands in the header for a role; the portal knows all floors.
NAVIGATION = "yorozu.portal.home.navigation.navigation"
# Sign-in pages end sessions and count attempts on GET too.
READ_ONLY_EXEMPT = ["/accounts/"]
# A session ends after half an hour without a request, and after half a day in any case.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=1800)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=43200)
# True on a demonstration: every screen then says サンプル.
IS_SAMPLE_DATA = env.bool("YOROZU_SAMPLE", default=False)

# --- Static files ------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Words and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語")]
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = "yorozu-portal@localhost"
# What stands before a path in a mail: a worker has no request to take it from.
PORTAL_ADDRESS = env.str("PORTAL_ADDRESS", default="http://127.0.0.1:8000")

# --- What a browser may do --------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False  # the page's own script sends the token with an autosave
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
