"""Frame of the imports app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Imports."""

    name = "yorozu.core.imports"
    label = "imports"
    verbose_name = "取込"

    def ready(self) -> None:
        """Register the check and apply jobs."""
        import yorozu.core.imports.tasks  # noqa: F401
