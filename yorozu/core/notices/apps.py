"""Frame of the notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices."""

    name = "yorozu.core.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        """Register the job that sends mails."""
        import yorozu.core.notices.tasks  # noqa: F401
