"""Frame of the jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs."""

    name = "yorozu.core.jobs"
    label = "jobs"
    verbose_name = "ジョブ"

    def ready(self) -> None:
        """Configure Celery: without its app, a task would look for a broker of its own."""
        import yorozu.celery  # noqa: F401
