"""System checks of the ground floor: what this machine lacks, said before a user finds out."""

from typing import Any

from django.core import checks

from yorozu.core.pdf import pdf_available


@checks.register
def check_pdf(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warning yz.W001 when PDFs cannot be made; every report then keeps its print view."""
    reason = pdf_available()
    if reason is None:
        return []
    hint = "Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    return [checks.Warning(reason, hint=hint, id="yz.W001")]
