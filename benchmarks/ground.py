"""What benchmarks stand on: facts, hubs beyond the 47, terms, a person who acts."""

from datetime import date

from benchmarks.generate import FISCAL_YEAR, hub_codes
from hubs.network.facts import load_facts
from hubs.network.models import Bureau, Hub, Prefecture
from hubs.terms.models import Term, TermState
from yorozu.core.access import Scope, system_scope


def actor() -> Scope:
    """Who acts in a benchmark: a command, which may do everything."""
    return system_scope("ベンチマーク")


def make_hubs(count: int) -> list[Hub]:
    """The facts, and made-up hubs up to ``count`` with the codes of ``generate.hub_codes``."""
    load_facts()
    bureaus = list(Bureau.objects.order_by("order"))
    made = [code for code in hub_codes(count) if not code.isdigit()]
    Prefecture.objects.bulk_create(
        [Prefecture(jis_code=code, name=f"県{code}", grid_row=0, grid_column=0) for code in made]
    )
    places = {row.jis_code: row for row in Prefecture.objects.all()}
    Hub.objects.bulk_create(
        [
            Hub(
                code=code,
                name=f"{code}よろず支援拠点",
                prefecture=places[code],
                bureau=bureaus[number % len(bureaus)],
                opened_on=date(2014, 6, 2),
            )
            for number, code in enumerate(made)
        ]
    )
    return list(Hub.objects.order_by("code"))


def make_term(fiscal_year: int = FISCAL_YEAR) -> Term:
    """An open term of the year of the generated files."""
    return Term.objects.create(fiscal_year=fiscal_year, state=TermState.OPEN)
