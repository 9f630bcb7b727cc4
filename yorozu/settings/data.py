"""Where the data, the files and the messages of jobs live.

Without an address in the environment the data lie in SQLite and the job messages in a folder, both
under DATA_DIR; DATABASE_URL and REDIS_URL turn the same code to PostgreSQL and Redis.
"""

from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
DATA_DIR = Path(env.str("YOROZU_DATA_DIR", default=str(BASE_DIR / "var" / "dev"))).resolve()

# --- Data -------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL alone fails at once when a reader wants to write; IMMEDIATE makes writers queue instead.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": env.int("SQLITE_TIMEOUT", default=20),
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL",
    }
else:
    # The pool keeps the connections; one per thread of a process is enough.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL", default=6),
        "timeout": env.int("DATABASE_POOL_TIMEOUT", default=10),
    }

REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    # On disk rather than in memory: the sign-in limits must count over all web processes.
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(DATA_DIR / "cache"),
    }
}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "yorozu",
    }

# Content of pages that holds until the next act (core.web.kept); each process has its own.
CACHES["pages"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "pages",
    "TIMEOUT": 24 * 3600,
    "OPTIONS": {"MAX_ENTRIES": env.int("KEPT_PAGES", default=100)},
}

# Uploads and made files. No address leads to this folder: views stream a file after the policy.
MEDIA_ROOT = DATA_DIR / "files"
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "yorozu.core.web.uploads.DataDiskUploadHandler",
]
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# A load that is large beside its table builds the keys of the table anew, which is several times
# faster and locks the table meanwhile (some seconds for a million rows).
BULK_REBUILDS_KEYS = env.bool("BULK_REBUILDS_KEYS", default=True)
# CSV files of at least this many bytes are read by two processes at once where the machine has two
# processors; starting the second one takes as long as reading some 40 MB. 0: always by one.
BULK_TWO_READERS_FROM = env.int("BULK_TWO_READERS_FROM", default=64 * 1024 * 1024)

# --- Background work --------------------------------------------------------------------------
# The Job row is the truth about a job; a message carries its id and nothing is read back.
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
QUEUE_DIR = DATA_DIR / "queue"
# A worker that says nothing for this long has lost its job; the sweeper hands it out again.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=15)
# A message that brought no worker for this long is lost; far more than a queue needs to hand it on.
JOB_RESEND_SECONDS = env.int("JOB_RESEND_SECONDS", default=60)
JOB_HEARTBEAT = True
CELERY_BEAT_SCHEDULE = {
    # A sweep nobody had time for is dropped when the next one is due.
    "sweep-jobs": {"task": "jobs.sweep_jobs", "schedule": 5.0, "options": {"expires": 5.0}},
    # At night, when nobody types; the job's key makes a second message harmless.
    "raise-integrity-flags": {
        "task": "integrity.raise_flags",
        "schedule": crontab(hour=2, minute=30),
    },
    # In the morning, before offices open: who is late reads it first.
    "escalate-guidance": {"task": "guidance.escalate", "schedule": crontab(hour=6, minute=0)},
    "send-due-mails": {
        "task": "notices.send_due_mails",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "roll-up-left-overs": {
        "task": "ledger.roll_up_left_overs",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    # In the morning of a working day as of any other: a notice is sent once.
    "watch-survey-waves": {
        "task": "surveys.watch_waves",
        "schedule": crontab(hour="9,12,17", minute=5),
        "options": {"expires": 3600.0},
    },
    # When nobody works; the night's result is on the desk in the morning.
    "rebuild-ledger-months": {
        "task": "ledger.rebuild_months",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 3600.0},
    },
    # Every run says how sure it is, also one of an older release.
    "analyse-evaluations": {
        "task": "scoring.analyse_missing",
        "schedule": crontab(hour=3, minute=20),
    },
    # A fixed evaluation gives the same result every night, or somebody hears of it.
    "recheck-evaluations": {"task": "scoring.recheck_runs", "schedule": crontab(hour=3, minute=40)},
    "recheck-budgets": {"task": "budget.recheck_scenarios", "schedule": crontab(hour=3, minute=50)},
    # Before the offices open, so that the deadline of the day is read in the morning.
    "remind-of-facts": {"task": "scoring.remind_of_facts", "schedule": crontab(hour=8, minute=0)},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
if REDIS_URL:
    CELERY_TASK_ACKS_LATE = True
    CELERY_TASK_REJECT_ON_WORKER_LOST = True
    # Longer than the longest job, or Redis hands a running one out again.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 7200}
else:
    CELERY_BROKER_TRANSPORT = "yorozu.core.jobs.folder.Transport"
    CELERY_WORKER_POOL = "threads"
    CELERY_WORKER_CONCURRENCY = 2
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,
    }
