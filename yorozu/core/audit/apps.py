"""Frame of the audit app."""

from django.apps import AppConfig

from yorozu.core.guards import protect


class AuditConfig(AppConfig):
    """Audit trail."""

    name = "yorozu.core.audit"
    label = "audit"
    verbose_name = "監査記録"

    def ready(self) -> None:
        """Lay the append-only triggers after every migrate."""
        from yorozu.core.audit.models import GUARDS

        protect(self, GUARDS)
