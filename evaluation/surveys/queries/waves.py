"""A wave on the screen: its hubs with what was sent and came back, the figures once counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from evaluation.surveys.models import (
    PartnerAssessment,
    SatisfactionSurvey,
    SurveyAnswer,
    SurveyFrame,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.queries.figures import Satisfaction
from evaluation.surveys.rules import (
    LOW_RESPONSE,
    OUTCOMES,
    PARTNER_K,
    SMALL_N,
    SMALL_PARTNERS,
    SURVEY_K,
    Heard,
    answer_total,
    frame_hash,
    prior_mean,
    response_rate,
    sample,
    shrunk_mean,
)
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.web.chips import Chip, Status

WAVE_CHIPS = {
    WaveState.DRAFT: Status.PREPARING,
    WaveState.DRAWN: Status.QUEUED,
    WaveState.OPEN: Status.RUNNING,
    WaveState.CLOSED: Status.FINISHED,
    WaveState.CANCELLED: Status.CANCELLED,
}


def waves() -> QuerySet[SurveyWave]:
    """All waves, the newest year first."""
    return SurveyWave.objects.select_related("term", "questionnaire")


def wave_chip(wave: SurveyWave, at: datetime | None = None) -> Chip:
    """The state of a wave; an open one whose end has come says so."""
    state = WaveState(wave.state)
    now = at or clock.now()
    if state == WaveState.OPEN and now >= wave.closes_at:
        return Chip(Status.REVIEW, "締切済・集計待ち")
    if state == WaveState.OPEN and now < wave.opens_at:
        return Chip(Status.QUEUED, "受付開始前")
    status = WAVE_CHIPS[state]
    return Chip(status, "" if status.label == state.label else state.label)


def wave_of(term: Term, kind: WaveKind) -> SurveyWave | None:
    """The wave of a term, if one was made and not called off."""
    rows = waves().filter(term=term, kind=kind).exclude(state=WaveState.CANCELLED)
    return rows.first()


def waves_of(term: Term, hub: Hub) -> list[SurveyWave]:
    """Waves of the term that ask about this hub, as far as they are open or counted."""
    rows = waves().filter(term=term, state__in=[WaveState.OPEN, WaveState.CLOSED])
    asked = SurveyFrame.objects.filter(wave=OuterRef("pk"), hub=hub, size__gt=0)
    return list(rows.filter(Exists(asked)).order_by("kind"))


def covered(term: Term, kind: WaveKind) -> set[int]:
    """Hubs whose figures of the term come from a wave: no file may bring them (one home)."""
    rows = SurveyFrame.objects.filter(wave__term=term, wave__kind=kind, size__gt=0)
    rows = rows.exclude(wave__state=WaveState.CANCELLED)
    return set(rows.order_by().values_list("hub_id", flat=True))


@dataclass(frozen=True)
class Shrunk:
    """How the shrunk value of a hub comes about: n, mean, prior and k."""

    n: int
    mean: Decimal | None
    prior: Decimal | None
    k: Decimal
    n_min: int

    @property
    def value(self) -> Decimal | None:
        """The shrunk mean, None without an answer."""
        if not self.n or self.mean is None or self.prior is None:
            return None
        return shrunk_mean(self.n, self.mean, prior=self.prior, k=self.k, n_min=self.n_min)

    @property
    def is_small(self) -> bool:
        """Few answers: the value is never above the prior."""
        return 0 < self.n < self.n_min


def satisfaction_prior(term: Term) -> Decimal | None:
    """The national prior of the term, over every hub whatever its source (1.4)."""
    rows = [row.histogram for row in SatisfactionSurvey.objects.filter(term=term)]
    return prior_mean([Heard(sum(row), Decimal(answer_total(row))) for row in rows], SMALL_N)


def partner_prior(term: Term) -> Decimal | None:
    """The national prior of the partner values of the term."""
    values: dict[int, list[Decimal]] = defaultdict(list)
    rows = PartnerAssessment.objects.filter(term=term, is_excluded=False)
    for hub_id, value in rows.order_by("pk").values_list("hub_id", "value"):
        values[hub_id].append(value)
    heard = [Heard(len(found), sum(found, Decimal(0))) for found in values.values()]
    return prior_mean(heard, SMALL_PARTNERS)


def satisfaction_shrunk(line: Satisfaction, prior: Decimal | None) -> Shrunk:
    """The shrunk value of a hub's satisfaction."""
    return Shrunk(line.n, line.mean, prior, SURVEY_K, SMALL_N)


def partner_shrunk(n: int, mean: Decimal | None, prior: Decimal | None) -> Shrunk:
    """The shrunk value of a hub's partner values."""
    return Shrunk(n, mean, prior, PARTNER_K, SMALL_PARTNERS)


@dataclass(frozen=True)
class HubLine:
    """One hub of a wave: drawn, sent, answered; the figures once the wave is counted."""

    hub: Hub
    frame: SurveyFrame | None
    sent: int
    returned: int
    satisfaction: Satisfaction | None = None
    shrunk: Shrunk | None = None
    organizations: int = 0

    @property
    def is_asked(self) -> bool:
        """Whether anybody of this hub was drawn."""
        return self.frame is not None and self.frame.size > 0

    @property
    def rate(self) -> Decimal | None:
        """Response rate in percent."""
        return response_rate(self.sent, self.returned)

    @property
    def is_low(self) -> bool:
        """Response rate under 20 % (1.4)."""
        return self.rate is not None and self.rate < LOW_RESPONSE


@dataclass(frozen=True)
class WaveLines:
    """All hubs of the reader's scope, and the sums of the nation."""

    lines: list[HubLine]
    sent: int
    returned: int
    prior: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        """Response rate of the nation in percent."""
        return response_rate(self.sent, self.returned)


def wave_lines(wave: SurveyWave, scope: Scope) -> WaveLines:
    """What came back, hub by hub. Levels and means are read only of a counted wave."""
    sent, returned = sent_counts(wave), answer_counts(wave)
    frames = {row.hub_id: row for row in wave.frames.all()}
    hubs = list(Hub.objects.visible_to(scope).filter(closed_on=None).order_by("code"))
    lines = [HubLine(hub, frames.get(hub.pk), sent[hub.pk], returned[hub.pk]) for hub in hubs]
    prior = None
    if wave.state == WaveState.CLOSED:
        prior = partner_prior(wave.term) if wave.is_partner else satisfaction_prior(wave.term)
        lines = (
            _partner_figures(wave, lines, prior)
            if wave.is_partner
            else _figures(wave, lines, prior)
        )
    return WaveLines(lines, sum(sent.values()), sum(returned.values()), prior)


def sent_counts(wave: SurveyWave) -> Counter[int]:
    """Letters made, by hub: each number counts once."""
    rows = SurveyInvitation.objects.filter(wave=wave, issue=1).exclude(token_hash="")
    return Counter(dict(rows.order_by().values_list("hub_id").annotate(Count("pk"))))


def answer_counts(wave: SurveyWave) -> Counter[int]:
    """Answers by hub."""
    rows = SurveyAnswer.objects.filter(wave=wave)
    return Counter(dict(rows.order_by().values_list("hub_id").annotate(Count("pk"))))


def _figures(wave: SurveyWave, lines: list[HubLine], prior: Decimal | None) -> list[HubLine]:
    rows = {row.hub_id: row for row in SatisfactionSurvey.objects.filter(wave=wave)}
    found = []
    for line in lines:
        row = rows.get(line.hub.pk)
        if row is None:
            found.append(line)
            continue
        one = Satisfaction(
            line.hub.name, line.hub, row, row.sent, row.returned, tuple(row.histogram)
        )
        shrunk = satisfaction_shrunk(one, prior)
        found.append(HubLine(line.hub, line.frame, row.sent, row.returned, one, shrunk, 0))
    return found


def _partner_figures(
    wave: SurveyWave, lines: list[HubLine], prior: Decimal | None
) -> list[HubLine]:
    values: dict[int, list[Decimal]] = defaultdict(list)
    for row in PartnerAssessment.objects.filter(wave=wave, is_excluded=False):
        values[row.hub_id].append(row.value)
    found = []
    for line in lines:
        own = values[line.hub.pk]
        heard = Heard(len(own), sum(own, Decimal(0)))
        shrunk = partner_shrunk(heard.n, heard.mean if own else None, prior)
        found.append(
            HubLine(line.hub, line.frame, line.sent, line.returned, None, shrunk, len(own))
        )
    return found


@dataclass(frozen=True)
class Letters:
    """How far the letters of a wave are."""

    drawn: int
    unmade: int
    unanswered: int
    reissued: int


def letters_of(wave: SurveyWave) -> Letters:
    """Counts only: who has answered is nobody's business."""
    rows = SurveyInvitation.objects.filter(wave=wave)
    first = rows.filter(issue=1)
    counts = first.aggregate(drawn=Count("pk"), unmade=Count("pk", filter=Q(token_hash="")))
    left = unanswered(wave).filter(issue=1).exclude(token_hash="").count()
    return Letters(counts["drawn"], counts["unmade"], left, rows.filter(issue__gt=1).count())


def unanswered(wave: SurveyWave) -> QuerySet[SurveyInvitation]:
    """Letters whose number has no answer yet."""
    answers = SurveyAnswer.objects.filter(wave=wave, number=OuterRef("number"))
    return SurveyInvitation.objects.filter(wave=wave).filter(~Exists(answers))


@dataclass(frozen=True)
class Asides:
    """What else was answered: the proposal, the reasons; counts only."""

    n: int
    outcomes: list[tuple[str, int]]
    reasons: list[tuple[str, int]]


def asides(wave: SurveyWave, hub: Hub | None = None) -> Asides:
    """Counts of the questions beside the level, for one hub or all of them."""
    rows = SurveyAnswer.objects.filter(wave=wave)
    if hub is not None:
        rows = rows.filter(hub=hub)
    held = list(rows.order_by("pk").values_list("outcome", "reasons"))
    outcomes = Counter(outcome for outcome, _ in held if outcome)
    reasons: Counter[str] = Counter()
    for _, chosen in held:
        reasons.update(chosen)
    return Asides(
        len(held),
        [(label, outcomes[code]) for code, label in OUTCOMES],
        [(label, reasons[label]) for label in wave.questionnaire.reason_list],
    )


def texts(wave: SurveyWave) -> list[SurveyAnswer]:
    """Free words of the answers with their hub, in no order that tells who wrote them."""
    rows = SurveyAnswer.objects.filter(wave=wave).exclude(text="").select_related("hub")
    return sorted(rows, key=lambda row: (row.hub.code, row.text))


@dataclass(frozen=True)
class Redrawn:
    """The drawing of one hub done again from what was kept."""

    hub: Hub
    population: int
    size: int
    is_same_frame: bool
    is_same_sample: bool


def redraw(wave: SurveyWave, keys: Mapping[int, Iterable[str]]) -> list[Redrawn]:
    """Draw again with the kept seed among ``keys`` (by hub id) and compare with the letters."""
    held: dict[int, set[str]] = defaultdict(set)
    rows = SurveyInvitation.objects.filter(wave=wave, issue=1, person=1).order_by()
    for hub_id, key, organization in rows.values_list("hub_id", "client_key", "organization_id"):
        held[hub_id].add(key or str(organization))
    found = []
    for frame in wave.frames.select_related("hub").order_by("hub__code"):
        mine = list(keys.get(frame.hub_id, ()))
        again = sample(mine, frame.size, seed=wave.seed, hub_code=frame.hub.code)
        found.append(
            Redrawn(
                frame.hub,
                frame.population,
                frame.size,
                frame_hash(mine) == frame.frame_hash,
                set(again) == held[frame.hub_id],
            )
        )
    return found
