"""The judged year of the report tests serves the desk as well."""

from tests.evaluation.reports.conftest import judged, published

__all__ = ["judged", "published"]
