"""Frame of the test app."""

from django.apps import AppConfig


class WorkerAppConfig(AppConfig):
    """Test app."""

    name = "tests.worker_app"
    label = "worker_app"
    verbose_name = "試験用"

    def ready(self) -> None:
        """Register the slow kinds."""
        import tests.worker_app.bulk  # noqa: F401
