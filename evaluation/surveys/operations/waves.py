"""Preparing a wave, drawing its sample, opening it, calling it off."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from evaluation.surveys.flow import CANCEL, DRAW, OPEN, WAVE_FLOW
from evaluation.surveys.models import (
    ExclusionKind,
    PartnerExclusion,
    Questionnaire,
    SurveyFrame,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations.telling import tell_of_opening
from evaluation.surveys.queries import NO_PARTNERS, NO_RECORDS, Source, sources_of
from evaluation.surveys.rules import (
    Settings,
    frame_hash,
    letter_number,
    sample,
    sample_size,
    setting_faults,
    shuffled,
    wave_hash,
)
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from hubs.terms.models import Term, TermState
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.flow import lock

PREPARE = "evaluation.surveys.prepare"
MOST_LETTERS = 60_000


@dataclass(frozen=True)
class WavePlan(Settings):
    """What is settled before the drawing: the questions, the times, the share of clients.

    Of support organisations all that are tied to a hub are asked, ``people`` in each.
    """

    questionnaire: Questionnaire


def create_wave(*, actor: Scope, term: Term, kind: WaveKind, plan: WavePlan) -> SurveyWave:
    """A wave in preparation. Conflict when the term has one of this kind; NotReady otherwise."""
    require(actor, PREPARE)
    if term.state != TermState.OPEN:
        raise NotReady(
            f"{term}の期が実施中ではないため、調査を作成できません。",
            [Missing(str(term), "term_detail", "", (term.pk,))],
        )
    _check(plan, kind)
    wave = SurveyWave(term=term, kind=kind, **_fields_of(plan))
    try:
        with transaction.atomic():
            wave.save(force_insert=True)
            record(actor, PREPARE, wave, after=_facts(wave))
    except IntegrityError:
        standing = SurveyWave.objects.exclude(state=WaveState.CANCELLED).filter(
            term=term, kind=kind
        )
        if not standing.exists():
            raise
        way = Missing(str(standing[0]), "survey_wave", "", (standing[0].pk,))
        raise Conflict(f"{standing[0]}は、すでに作成されています。", way) from None
    return wave


def require_draft(wave: SurveyWave) -> None:
    """Conflict once the sample is drawn or the wave called off: its settings stand."""
    if wave.state != WaveState.DRAFT:
        raise Conflict(
            f"{wave}は「{wave.get_state_display()}」のため、条件を変更できません。",
            Missing(str(wave), "survey_wave", "", (wave.pk,)),
        )


def change_wave(*, actor: Scope, wave: SurveyWave, plan: WavePlan) -> SurveyWave:
    """Other settings before the drawing. Conflict afterwards."""
    require(actor, PREPARE)
    _check(plan, WaveKind(wave.kind))
    with transaction.atomic():
        row = lock(wave)
        require_draft(row)
        before = _facts(row)
        for name, value in _fields_of(plan).items():
            setattr(row, name, value)
        row.save()
        record(actor, PREPARE, row, before=before, after=_facts(row))
    return row


def _fields_of(plan: WavePlan) -> dict[str, object]:
    """The fields of a plan by name, the questionnaire as the row it is."""
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def _facts(wave: SurveyWave) -> dict[str, object]:
    return {
        "questionnaire": str(wave.questionnaire),
        "opens_at": wave.opens_at.isoformat(timespec="minutes"),
        "closes_at": wave.closes_at.isoformat(timespec="minutes"),
        "frame": f"{wave.frame_from.isoformat()}/{wave.frame_to.isoformat()}",
        "share_percent": wave.share_percent,
        "minimum": wave.minimum,
        "maximum": wave.maximum,
        "people": wave.people,
    }


def _check(plan: WavePlan, kind: WaveKind) -> None:
    faults = [text for _, text in setting_faults(plan, clock.now())]
    if plan.questionnaire.kind != kind:
        faults.append(f"調査票は{kind.label}のものを選んでください。")
    if faults:
        raise NotReady("調査の条件を確認してください。", [Missing(text) for text in faults])


def draw_wave(*, actor: Scope, wave: SurveyWave) -> SurveyWave:
    """Draw the sample of every hub with one seed of the machine, and lock the questionnaire.

    The seed cannot be known before and is kept; the drawing is done once. NotReady when nobody can
    be asked, or more than a printing can hold.
    """
    require(actor, DRAW)
    with transaction.atomic():
        row = lock(wave)
        WAVE_FLOW.require(row, DRAW, actor)
        seed = secrets.token_hex(16)
        frames, letters = _drawn(row, sources_of(row), seed)
        if not letters:
            why = NO_PARTNERS if row.is_partner else NO_RECORDS
            raise NotReady("抽出できる相手がいません。", [Missing(why)])
        if len(letters) > MOST_LETTERS:
            text = f"抽出数が{len(letters):,}人になります。{MOST_LETTERS:,}人までにしてください。"
            raise NotReady(text, [Missing("抽出率か最多数を小さくしてください。")])
        digest = wave_hash((one.hub.code, one.population, one.frame_hash) for one in frames)
        changes = {"seed": seed, "frame_hash": digest, "drawn_at": clock.now()}
        audit = {"seed": seed, "frame_hash": digest, "drawn": len(letters), "hubs": len(frames)}
        drawn: SurveyWave = WAVE_FLOW.apply(
            row,
            DRAW,
            actor=actor,
            changes={**changes, "drawn_by_name": actor.name},
            audit=audit,
        )
        SurveyFrame.objects.bulk_create(frames, batch_size=500)
        SurveyInvitation.objects.bulk_create(letters, batch_size=1_000)
        Questionnaire.objects.filter(pk=row.questionnaire_id, is_locked=False).update(
            is_locked=True
        )
    return drawn


def _drawn(
    wave: SurveyWave, sources: Sequence[Source], seed: str
) -> tuple[list[SurveyFrame], list[SurveyInvitation]]:
    """Frames of all hubs, and letters numbered in an order that tells nothing of the hub."""
    frames, by_code, places = [], {}, []
    for one in sources:
        size = _size(wave, len(one.keys))
        keys = sample(one.keys, size, seed=seed, hub_code=one.hub.code)
        frames.append(
            SurveyFrame(
                wave=wave,
                hub=one.hub,
                population=len(one.keys),
                size=size,
                frame_hash=frame_hash(one.keys),
                left_out=[list(pair) for pair in one.left_out],
                note=one.note,
            )
        )
        by_code[one.hub.code] = one
        people = range(1, wave.people + 1) if wave.is_partner else [1]
        places += [(one.hub.code, f"{key}/{person}") for key in keys for person in people]
    letters = []
    for serial, (code, place) in enumerate(shuffled(places, seed=seed), start=1):
        key, _, person = place.rpartition("/")
        source = by_code[code]
        letters.append(
            SurveyInvitation(
                wave=wave,
                hub=source.hub,
                number=letter_number(serial),
                client_key="" if wave.is_partner else key,
                organization_id=int(key) if wave.is_partner else None,
                person=int(person),
                visits=source.keys[key],
            )
        )
    return frames, letters


def _size(wave: SurveyWave, population: int) -> int:
    if wave.is_partner:
        return population
    return sample_size(
        population,
        share_percent=wave.share_percent,
        minimum=wave.minimum,
        maximum=wave.maximum,
    )


def open_wave(*, actor: Scope, wave: SurveyWave) -> SurveyWave:
    """Take answers from ``opens_at`` on; hubs and bureaus are told."""
    with transaction.atomic():
        opened: SurveyWave = WAVE_FLOW.apply(
            wave, OPEN, actor=actor, changes={"opened_at": clock.now()}
        )
        tell_of_opening(opened)
    return opened


def cancel_wave(*, actor: Scope, wave: SurveyWave, reason: str) -> SurveyWave:
    """Call a wave off before it is counted; nothing of it counts any more."""
    cancelled: SurveyWave = WAVE_FLOW.apply(wave, CANCEL, actor=actor, reason=reason)
    return cancelled


def exclude_partner(
    *, actor: Scope, hub: Hub, organization: SupportOrganization, kind: ExclusionKind
) -> PartnerExclusion:
    """Note that an organisation pays or houses a hub. Conflict when it is noted already."""
    require(actor, PREPARE, hub_id=hub.pk)
    kept = organization.kept
    try:
        with transaction.atomic():
            row = PartnerExclusion.objects.create(
                hub=hub,
                organization=kept,
                kind=kind,
                noted_by_name=actor.name,
                noted_at=clock.now(),
            )
            record(actor, PREPARE, row, after={"kind": kind.value})
    except IntegrityError:
        text = f"{kept.name}は、{hub.name}の評価から除く機関に登録済みです。"
        raise Conflict(text, Missing("調査回の一覧", "survey_waves")) from None
    return row


def include_partner(*, actor: Scope, exclusion: PartnerExclusion) -> None:
    """Take such a note back; drawings that were made with it stay."""
    require(actor, PREPARE, hub_id=exclusion.hub_id)
    with transaction.atomic():
        row = PartnerExclusion.objects.select_for_update().filter(pk=exclusion.pk).first()
        if row is None:
            raise Conflict("この登録は、すでに取り消されています。")
        record(actor, PREPARE, row, before={"kind": row.kind})
        row.delete()
