"""Frame of the hubs app: its tables come from the slices, its policy is one page."""

from django.apps import AppConfig

from yorozu.core.guards import protect


class HubsConfig(AppConfig):
    """Hubs."""

    name = "hubs"
    verbose_name = "拠点"

    def ready(self) -> None:
        """Enter the policy table and register imports and jobs of the slices."""
        from hubs.plans.models import GUARDS as PLANS  # noqa: PLC0415
        from hubs.results.models import GUARDS as RESULTS  # noqa: PLC0415
        from hubs.terms.models import GUARDS as TERMS  # noqa: PLC0415

        protect(self, TERMS, PLANS, RESULTS)
        import hubs.network.resources  # noqa: PLC0415
        import hubs.people.facts  # noqa: PLC0415
        import hubs.people.resources  # noqa: PLC0415
        import hubs.plans.resources  # noqa: PLC0415
        import hubs.policy  # noqa: PLC0415
        import hubs.results.resources  # noqa: F401, PLC0415
