"""Tests: fast passwords, nothing on disk that outlives the run, jobs run in the caller."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "YOROZU_DATA_DIR" not in os.environ:
    # A folder per run: other runs and checkouts must not meet in it.
    os.environ["YOROZU_DATA_DIR"] = tempfile.mkdtemp(prefix="yorozu-test-")
    atexit.register(shutil.rmtree, os.environ["YOROZU_DATA_DIR"], ignore_errors=True)

from yorozu.settings.base import *

SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Tests make rows without an act; what is kept has tests of its own.
    "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(os.environ["YOROZU_DATA_DIR"]) / f"files-{os.getpid()}"

CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
JOB_HEARTBEAT = False
