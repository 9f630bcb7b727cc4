"""Files of this slice: plans of a term, one row per hub."""

from hubs.plans.resources.kind import PlanImport

__all__ = ["PlanImport"]
