"""Frame of the top floor: no tables, but commands and policy rows."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Portal."""

    name = "yorozu.portal"
    label = "portal"
    verbose_name = "ポータル"

    def ready(self) -> None:
        """Enter the policy table."""
        import yorozu.portal.policy  # noqa: F401
