"""Whom a wave may ask: clients of the ledger, or organisations tied to a hub; read in sets."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from evaluation.surveys.models import (
    PartnerAssessment,
    PartnerExclusion,
    SatisfactionSurvey,
    SurveyWave,
)
from evaluation.surveys.queries.figures import EXCLUDED_REASON, body_keys, key_of_organization
from hubs.ledger.models import IndividualConsultation
from hubs.network.models import Hub, HubSite
from hubs.partners.models import SupportOrganization

NO_RECORDS = "期間内の相談記録がありません。"
NO_PARTNERS = "評価を依頼できる支援機関がありません。"
HAS_FILE = "集計済みのファイルが取り込まれています。"


@dataclass(frozen=True)
class Source:
    """What a drawing finds in one hub: the keys with their weight, who is left out and why.

    For clients the key is the client key and the weight the number of consultations; for partners
    the key is the id of the organisation.
    """

    hub: Hub
    keys: dict[str, int]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""


def client_keys(first: date, last: date) -> dict[int, dict[str, int]]:
    """Per hub id the client keys of the records in force in these days, with their number.

    One query, answered from the index of the ledger.
    """
    rows = IndividualConsultation.objects.filter(is_current=True, held_on__range=(first, last))
    grouped = rows.order_by().values_list("hub_id", "client_key").annotate(Count("pk"))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for hub_id, key, count in grouped:
        if key:
            found[hub_id][key] = count
    return found


def sources_of(wave: SurveyWave, *, standing: bool = False) -> list[Source]:
    """One entry per hub in operation, in code order.

    Hubs whose figures came from a file are not asked, unless the drawing stands and is only done
    again.
    """
    hubs = list(Hub.objects.filter(closed_on=None).order_by("code"))
    filed = set() if standing else _filed(wave)
    if wave.is_partner:
        return _partner_sources(wave, hubs, filed)
    keys = client_keys(wave.frame_from, wave.frame_to)
    found = []
    for hub in hubs:
        mine = {} if hub.pk in filed else keys[hub.pk]
        note = HAS_FILE if hub.pk in filed else "" if mine else NO_RECORDS
        found.append(Source(hub, mine, note=note))
    return found


def _filed(wave: SurveyWave) -> set[int]:
    """Hubs whose figures of the term came from a file already: one home for a figure."""
    model = PartnerAssessment if wave.is_partner else SatisfactionSurvey
    rows = model._default_manager.filter(term=wave.term)
    return set(rows.order_by().values_list("hub_id", flat=True).distinct())


def _partner_sources(wave: SurveyWave, hubs: list[Hub], filed: set[int]) -> list[Source]:
    ties: dict[int, list[SupportOrganization]] = defaultdict(list)
    through = SupportOrganization.hubs.through.objects.select_related(
        "supportorganization__merged_into"
    )
    for tie in through.order_by("pk"):
        ties[tie.hub_id].append(tie.supportorganization.kept)
    reasons = _exclusions(wave, hubs)
    found = []
    for hub in hubs:
        asked: dict[str, int] = {}
        left_out: list[tuple[str, str]] = []
        for one in sorted({row.pk: row for row in ties[hub.pk]}.values(), key=lambda row: row.pk):
            reason = reasons.reason(hub.pk, one)
            if reason:
                left_out.append((one.name, reason))
            else:
                asked[str(one.pk)] = 0
        if hub.pk in filed:
            asked = {}
        note = HAS_FILE if hub.pk in filed else "" if asked else NO_PARTNERS
        found.append(Source(hub, asked, left_out, note))
    return found


@dataclass(frozen=True)
class Exclusions:
    """Who may not rate which hub: its body, who pays or houses it (evaluation.md 1.5)."""

    bodies: dict[int, set[str]]
    named: dict[tuple[int, int], str]
    sites: dict[int, list[str]]

    def reason(self, hub_id: int, organization: SupportOrganization) -> str:
        """Why the organisation is left out for the hub; empty when it may rate."""
        key = key_of_organization(organization.name)
        if key in self.bodies.get(hub_id, set()):
            return EXCLUDED_REASON
        if label := self.named.get((hub_id, organization.pk)):
            return f"{label}ため、評価から除きます。"
        if any(key in site for site in self.sites.get(hub_id, [])):
            return "拠点のサテライトがある機関のため、評価から自動的に除きます。"
        return ""


def _exclusions(wave: SurveyWave, hubs: Iterable[Hub]) -> Exclusions:
    ids = [hub.pk for hub in hubs]
    # A note stays with the organisation it was made for, also when that is merged later.
    noted = PartnerExclusion.objects.filter(hub_id__in=ids).order_by("pk")
    named = {
        (row.hub_id, row.organization.kept.pk): row.get_kind_display()
        for row in noted.select_related("organization__merged_into")
    }
    sites: dict[int, list[str]] = defaultdict(list)
    for hub_id, name in HubSite.objects.filter(hub_id__in=ids, closed_on=None).values_list(
        "hub_id", "name"
    ):
        sites[hub_id].append(key_of_organization(name))
    return Exclusions(body_keys(wave.term.fiscal_year), named, sites)
