"""Frame of the jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs."""

    name = "yorozu.core.jobs"
    label = "jobs"
    verbose_name = "ジョブ"
