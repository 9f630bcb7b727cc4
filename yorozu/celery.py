"""The Celery app: finds the thin tasks.py of every slice and holds the table of regular work."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yorozu.settings.prod")

app = Celery("yorozu")
app.config_from_object("django.conf:settings", namespace="CELERY")


def packages_with_tasks() -> list[str]:
    """Name every app and every slice directly below one that has a tasks module."""
    found = []
    for config in apps.get_app_configs():
        if not Path(config.path).is_relative_to(settings.BASE_DIR):
            continue
        if (Path(config.path) / "tasks.py").exists():
            found.append(config.name)
        slices = sorted(path.parent.name for path in Path(config.path).glob("*/tasks.py"))
        found.extend(f"{config.name}.{name}" for name in slices)
    return found


def prepare_folders() -> None:
    """Make the message folders private: whoever can write there can start tasks."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for key in ("data_folder_in", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(parents=True, exist_ok=True, mode=0o700)


app.autodiscover_tasks(packages_with_tasks)
prepare_folders()


@worker_ready.connect
def sweep_at_start(**kwargs: object) -> None:
    """Look for lost work as soon as a worker stands, before the first beat."""
    app.send_task("jobs.sweep_jobs")
