"""Frame of the hubs app: its tables come from the slices, its policy is one page."""

from django.apps import AppConfig

from yorozu.core.guards import protect


class HubsConfig(AppConfig):
    """Hubs."""

    name = "hubs"
    verbose_name = "拠点"

    def ready(self) -> None:
        """Enter the policy table and register imports and jobs of the slices."""
        from hubs.integrity.models import GUARDS as INTEGRITY
        from hubs.ledger.models import GUARDS as LEDGER
        from hubs.plans.models import GUARDS as PLANS
        from hubs.results.models import GUARDS as RESULTS
        from hubs.terms.models import GUARDS as TERMS

        protect(self, TERMS, PLANS, LEDGER, RESULTS, INTEGRITY)
        import hubs.integrity.queries.marks
        import hubs.integrity.tasks
        import hubs.ledger.facts
        import hubs.ledger.resources
        import hubs.ledger.tasks
        import hubs.network.resources
        import hubs.people.facts
        import hubs.people.resources
        import hubs.plans.resources
        import hubs.plans.tasks
        import hubs.policy
        import hubs.results.history
        import hubs.results.resources
        import hubs.results.tasks
        import hubs.terms.facts
        import hubs.terms.year_parts  # noqa: F401
