"""A developer's machine and the demonstration: local hosts, a secret per data folder."""

import contextlib
import os
import secrets
from pathlib import Path

from yorozu.settings.base import *

DEBUG = env.bool("DEBUG", default=True)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]


def _local_secret(path: Path) -> str:
    """Read the key of this data folder, making it on the first start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    mine.touch(mode=0o600)
    mine.write_text(secrets.token_urlsafe(50))
    with contextlib.suppress(FileExistsError):
        # Of several processes starting at once, the first link wins and all read the same key.
        path.hardlink_to(mine)
    mine.unlink()
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or _local_secret(DATA_DIR / "secret_key")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "filters": {"keys": {"()": "yorozu.settings.logs.WithoutKeys"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["keys"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # The development server logs every address through a handler of its own.
    "loggers": {"django.server": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
