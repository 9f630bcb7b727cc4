"""What survey screens, files and the evidence need: counts per hub, national figures, values."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey
from evaluation.surveys.rules import (
    LOW_RESPONSE,
    SMALL_N,
    SMALL_PARTNERS,
    answer_count,
    answer_mean,
    mean_of_means,
    organization_key,
    response_rate,
    top_box_count,
    top_box_share,
    wilson,
)
from hubs.network.models import CommissionContract, Hub
from hubs.partners.models import OrganizationType
from hubs.terms.models import Term
from yorozu.core import exact
from yorozu.core.access import Scope
from yorozu.core.sheets import match_key

EXCLUDED_REASON = "拠点の実施機関のため、評価から自動的に除きます。"


def key_of_organization(name: str) -> str:
    """The key under which two spellings are the same organisation."""
    return organization_key(match_key(name))


def body_keys(fiscal_year: int) -> dict[int, set[str]]:
    """Per hub id the keys of the implementing bodies contracted in the fiscal year (1.5, 1.7)."""
    keys: dict[int, set[str]] = defaultdict(set)
    contracts = CommissionContract.objects.filter(fiscal_year=fiscal_year)
    for hub_id, name in contracts.values_list("hub_id", "implementing_body__name"):
        keys[hub_id].add(key_of_organization(name))
    return keys


@dataclass(frozen=True)
class Satisfaction:
    """The satisfaction figures of one hub, or of the nation as a whole."""

    label: str
    hub: Hub | None
    survey: SatisfactionSurvey | None
    sent: int
    returned: int
    histogram: tuple[int, ...]

    @property
    def n(self) -> int:
        """Number of answers that carry a level."""
        return answer_count(list(self.histogram))

    @property
    def mean(self) -> Decimal | None:
        """Mean answer, 4 decimals."""
        return answer_mean(list(self.histogram))

    @property
    def rate(self) -> Decimal | None:
        """Response rate in percent."""
        return response_rate(self.sent, self.returned)

    @property
    def top_box(self) -> Decimal | None:
        """Share of answers 4 and 5 in percent, 1 decimal."""
        share = top_box_share(list(self.histogram))
        return None if share is None else exact.rounded(share * 100, 1)

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """90 % Wilson interval of the top-two share in percent, 1 decimal."""
        if not self.n:
            return None
        low, high = wilson(top_box_count(list(self.histogram)), self.n)
        return exact.rounded(low * 100, 1), exact.rounded(high * 100, 1)

    @property
    def is_small(self) -> bool:
        """Few answers: the mean of this hub alone says little (n_min of the default scheme)."""
        return 0 < self.n < SMALL_N

    @property
    def is_low_response(self) -> bool:
        """Response rate under 20 % (evaluation.md 1.4)."""
        return self.rate is not None and self.rate < LOW_RESPONSE

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before comparing this figure."""
        if self.survey is None and self.hub is not None:
            return ["未集計"]
        notes = []
        if self.survey is not None and self.survey.is_excused:
            notes.append("対象外の承認あり")
        elif self.n == 0:
            notes.append("回答なし")
        if self.is_small:
            notes.append(f"少数（{SMALL_N}件未満）")
        if self.is_low_response:
            notes.append(f"低回収率（{LOW_RESPONSE}%未満）")
        return notes


NOTHING = (0, 0, 0, 0, 0)


def latest_year(model: type[SatisfactionSurvey] | type[PartnerAssessment]) -> int | None:
    """The latest fiscal year with rows of this kind, else the latest term at all."""
    held = model._default_manager.order_by("-term__fiscal_year")
    year = held.values_list("term__fiscal_year", flat=True).first()
    return year or Term.objects.values_list("fiscal_year", flat=True).first()


def satisfaction_rows(term: Term, scope: Scope) -> list[Satisfaction]:
    """One line per hub of the scope, in code order; a hub without a row is shown as such."""
    surveys = {
        row.hub_id: row for row in SatisfactionSurvey.objects.visible_to(scope).filter(term=term)
    }
    hubs = Hub.objects.visible_to(scope).select_related("prefecture", "bureau")
    return [_line(hub, surveys.get(hub.pk)) for hub in hubs]


def satisfaction_of(term: Term, hub: Hub) -> Satisfaction:
    """The line of one hub."""
    rows = SatisfactionSurvey.objects.filter(term=term, hub=hub)
    return _line(hub, rows.select_related("wave__questionnaire", "wave__term").first())


def _line(hub: Hub, row: SatisfactionSurvey | None) -> Satisfaction:
    if row is None:
        return Satisfaction(hub.name, hub, None, 0, 0, NOTHING)
    return Satisfaction(hub.name, hub, row, row.sent, row.returned, tuple(row.histogram))


@dataclass(frozen=True)
class National:
    """The nation beside a hub: all answers together, and the mean of the hub means."""

    pooled: Satisfaction
    mean: Decimal | None
    hubs: int


def national(term: Term) -> National:
    """National figures over every hub, whatever the reader's scope: averages are public inside."""
    rows = list(SatisfactionSurvey.objects.filter(term=term))
    levels = [tuple(row.histogram) for row in rows]
    pooled = Satisfaction(
        "全国",
        None,
        None,
        sum(row.sent for row in rows),
        sum(row.returned for row in rows),
        tuple(map(sum, zip(*levels, strict=True))) if levels else NOTHING,
    )
    means = [
        mean
        for row in rows
        if answer_count(row.histogram) >= SMALL_N and (mean := answer_mean(row.histogram))
    ]
    return National(pooled, mean_of_means(means), len(means))


@dataclass(frozen=True)
class PartnerLine:
    """The partner values of one hub in sum."""

    hub: Hub
    counted: int
    excluded: int
    mean: Decimal | None

    @property
    def is_small(self) -> bool:
        """Fewer organisations than n_min of the default scheme."""
        return self.counted < SMALL_PARTNERS


def partner_rows(term: Term, scope: Scope) -> list[PartnerLine]:
    """One line per hub of the scope: organisations counted, excluded, and their mean."""
    values: dict[int, list[Decimal]] = defaultdict(list)
    excluded: dict[int, int] = defaultdict(int)
    for row in PartnerAssessment.objects.visible_to(scope).filter(term=term):
        if row.is_excluded:
            excluded[row.hub_id] += 1
        else:
            values[row.hub_id].append(row.value)
    return [
        PartnerLine(hub, len(values[hub.pk]), excluded[hub.pk], mean_of_means(values[hub.pk]))
        for hub in Hub.objects.visible_to(scope)
    ]


def partner_line(term: Term, hub: Hub) -> PartnerLine:
    """The partner values of one hub in sum."""
    rows = list(PartnerAssessment.objects.filter(term=term, hub=hub).order_by("pk"))
    values = [row.value for row in rows if not row.is_excluded]
    return PartnerLine(hub, len(values), len(rows) - len(values), mean_of_means(values))


@dataclass(frozen=True)
class TypeLine:
    """Partner values of one kind of organisation."""

    label: str
    counted: int
    mean: Decimal | None


def partner_types(term: Term, scope: Scope, hub: Hub | None = None) -> list[TypeLine]:
    """Values by kind of organisation (商工会, 金融機関 ...), for the scope or one hub."""
    rows = PartnerAssessment.objects.visible_to(scope).filter(term=term, is_excluded=False)
    if hub is not None:
        rows = rows.filter(hub=hub)
    values: dict[str, list[Decimal]] = defaultdict(list)
    for kind, value in rows.values_list("organization_type", "value"):
        values[kind].append(value)
    return [
        TypeLine(label, len(values[kind]), mean_of_means(values[kind]))
        for kind, label in OrganizationType.choices
    ]


def partners_of(term: Term, hub: Hub, scope: Scope) -> list[PartnerAssessment]:
    """The organisations that rated one hub, excluded ones last."""
    rows = PartnerAssessment.objects.visible_to(scope).filter(term=term, hub=hub)
    return list(rows.order_by("is_excluded", "organization_type", "organization_key"))


def years_with_surveys() -> list[int]:
    """Terms to choose from, the latest first."""
    return list(Term.objects.values_list("fiscal_year", flat=True))


def partner_counts(term: Term) -> dict[str, int]:
    """How many organisations rated, and how many were left out, in the whole term."""
    rows = PartnerAssessment.objects.filter(term=term)
    return rows.aggregate(
        counted=Count("pk", filter=Q(is_excluded=False)),
        excluded=Count("pk", filter=Q(is_excluded=True)),
    )
