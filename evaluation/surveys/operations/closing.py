"""Counting a wave: the figures that the judgement reads, and questions about the answers."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.db import transaction

from evaluation.surveys.flow import CLOSE, WAVE_FLOW
from evaluation.surveys.models import (
    AnswerChannel,
    PartnerAssessment,
    SatisfactionSurvey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyWave,
)
from evaluation.surveys.operations.telling import tell_of_count
from evaluation.surveys.queries import key_of_organization, sent_counts
from evaluation.surveys.rules import SCALE, organization_value
from evaluation.surveys.rules.suspicion import Answered, Heard, findings
from hubs.integrity.operations import raise_found
from hubs.partners.models import SupportOrganization
from yorozu.core import clock
from yorozu.core.access import Scope, require, system_scope
from yorozu.core.errors import Missing, NotReady
from yorozu.core.flow import lock

SYSTEM = "調査の集計"
SUBJECTS = {"satisfaction": "survey", "partner_assessment": "partners"}


def subject_of(wave: SurveyWave) -> str:
    """What the questions about a wave's answers are filed under."""
    return f"{wave.term.fiscal_year}/{SUBJECTS[wave.kind]}"


def close_wave(*, actor: Scope, wave: SurveyWave) -> SurveyWave:
    """Count the answers once, hub by hub, and raise questions about them where there are any.

    Conflict or NotReady before the end; from here on no answer is taken and nothing changes.
    """
    require(actor, CLOSE)
    with transaction.atomic():
        row = lock(wave)
        WAVE_FLOW.require(row, CLOSE, actor)
        _require_free(row)
        answers = list(
            SurveyAnswer.objects.filter(wave=row)
            .select_related("invitation__organization__merged_into")
            .order_by("answered_at", "pk")
        )
        changes = {"closed_at": clock.now(), "closed_by_name": actor.name}
        closed: SurveyWave = WAVE_FLOW.apply(
            row, CLOSE, actor=actor, changes=changes, audit={"answers": len(answers)}
        )
        if closed.is_partner:
            PartnerAssessment.objects.bulk_create(_assessments(closed, answers), batch_size=500)
        else:
            SatisfactionSurvey.objects.bulk_create(_counts(closed, answers), batch_size=100)
        raise_found(
            system_scope(SYSTEM),
            term=closed.term,
            found=findings(
                _heard(closed, answers),
                fiscal_year=closed.term.fiscal_year,
                subject=subject_of(closed),
                name=closed.get_kind_display(),
            ),
        )
        tell_of_count(closed)
    return closed


def _require_free(wave: SurveyWave) -> None:
    """No file has brought the same figures meanwhile."""
    model = PartnerAssessment if wave.is_partner else SatisfactionSurvey
    asked = wave.frames.filter(size__gt=0).values("hub_id")
    filed = model._default_manager.filter(term=wave.term, hub__in=asked).select_related("hub")
    names = sorted({row.hub.name for row in filed})
    if names:
        raise NotReady(
            "ファイルから取り込まれた値があるため、集計を確定できません。取込を取り消してください。",
            [Missing(name) for name in names],
        )


def _counts(wave: SurveyWave, answers: list[SurveyAnswer]) -> list[SatisfactionSurvey]:
    sent = sent_counts(wave)
    levels: dict[int, Counter[int]] = defaultdict(Counter)
    for one in answers:
        levels[one.hub_id][one.level] += 1
    return [
        SatisfactionSurvey(
            hub_id=frame.hub_id,
            term_id=wave.term_id,
            wave=wave,
            sent=sent[frame.hub_id],
            returned=sum(levels[frame.hub_id].values()),
            **{f"level_{level}": levels[frame.hub_id][level] for level in SCALE},
        )
        for frame in wave.frames.filter(size__gt=0).order_by("hub_id")
    ]


def _assessments(wave: SurveyWave, answers: list[SurveyAnswer]) -> list[PartnerAssessment]:
    """One value per organisation: the people of one are averaged first (1.5)."""
    groups: dict[tuple[int, int], list[SurveyAnswer]] = defaultdict(list)
    names: dict[int, SupportOrganization] = {}
    for one in answers:
        organization = one.invitation.organization
        if organization is None:
            raise RuntimeError("a partner's letter names its organisation")
        kept = organization.kept
        names[kept.pk] = kept
        groups[one.hub_id, kept.pk].append(one)
    rows = []
    seen: set[tuple[int, str]] = set()
    for (hub_id, organization_id), said in sorted(groups.items()):
        organization = names[organization_id]
        name = organization.name
        if (hub_id, key_of_organization(name)) in seen:
            # Two of one name in different prefectures are two organisations.
            name = f"{name}（{organization.prefecture.name}）"
        seen.add((hub_id, key_of_organization(name)))
        rows.append(
            PartnerAssessment(
                hub_id=hub_id,
                term_id=wave.term_id,
                wave=wave,
                organization_name=name,
                organization_key=key_of_organization(name),
                organization_type=organization.kind,
                value=organization_value([(Decimal(one.level), 1) for one in said]),
                respondents=len(said),
            )
        )
    return rows


def _heard(wave: SurveyWave, answers: list[SurveyAnswer]) -> list[Heard]:
    zone = clock.now().tzinfo
    said: dict[int, list[Answered]] = defaultdict(list)
    for one in answers:
        said[one.hub_id].append(
            Answered(
                one.level,
                one.answered_at.astimezone(zone),
                one.channel == AnswerChannel.WEB,
                one.invitation.visits,
            )
        )
    visits: dict[int, list[int]] = defaultdict(list)
    letters = SurveyInvitation.objects.filter(wave=wave, issue=1).order_by("number")
    if not wave.is_partner:
        for hub_id, count in letters.values_list("hub_id", "visits"):
            visits[hub_id].append(count)
    return [Heard(hub_id, said[hub_id], visits[hub_id]) for hub_id in sorted(said)]
