"""Settings of worker processes that tests start: the product's own, plus kinds caught working."""

from yorozu.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-worker-tests-" + "x" * 50
INSTALLED_APPS = [*INSTALLED_APPS, "tests.worker_app"]  # noqa: F405
JOB_LEASE_SECONDS = 3
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}  # noqa: F405
CELERY_BEAT_SCHEDULE = {"sweep-jobs": {"task": "jobs.sweep_jobs", "schedule": 1.0}}
# The product waits a minute before it believes a message lost.
JOB_RESEND_SECONDS = 4
LOGGING = {"version": 1, "disable_existing_loggers": False}
