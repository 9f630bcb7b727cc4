"""The letters: one-time links that are printed once and kept only as hashes.

The portal has no address of a client. Headquarters print the letters, seal them with nothing but
the client number outside, and hand them to the hub, which knows whom the number means and sends
them on unopened. So the hub sees neither a link nor who has answered.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from evaluation.surveys.models import SurveyInvitation, SurveyWave, WaveState
from evaluation.surveys.queries import LETTERS_JOB, PLACE, TAKEN, hash_of, unanswered
from evaluation.surveys.rules import read_number
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once

ACTION = "evaluation.surveys.letters"


class Mode(StrEnum):
    """Which letters are made."""

    FIRST = "first"
    REMIND = "remind"
    AGAIN = "again"

    @property
    def label(self) -> str:
        """The act in Japanese."""
        return {"first": "手紙", "remind": "再度のお願いの手紙", "again": "手紙の再発行"}[
            self.value
        ]


@dataclass(frozen=True)
class LettersWanted:
    """Letters asked for: the mode, and for a new issue the hub or the number they are for."""

    mode: Mode
    hub: Hub | None = None
    number: str = ""


def chosen(wave: SurveyWave, wanted: LettersWanted) -> QuerySet[SurveyInvitation]:
    """The letters that would be made now, in the order of hub and client number.

    A reminder goes to those without an answer and leaves the first link as it is; a new issue ends
    the links before it.
    """
    rows = unanswered(wave).select_related("hub", "organization")
    if wanted.mode == Mode.FIRST:
        rows = rows.filter(issue=1, token_hash="")
    else:
        later = SurveyInvitation.objects.filter(
            wave=wave, number=OuterRef("number"), issue__gt=OuterRef("issue")
        )
        rows = rows.exclude(token_hash="").filter(~Exists(later))
    if wanted.hub is not None:
        rows = rows.filter(hub=wanted.hub)
    if wanted.number:
        rows = rows.filter(number=wanted.number)
    return rows.order_by("hub__code", "organization_id", "client_key", "person")


def start_letters(*, actor: Scope, wave: SurveyWave, wanted: LettersWanted) -> Job:
    """Ask for the letters as a job; a double click makes one bundle. NotReady when there are none.

    First letters are made once the sample is drawn, the others while answers are taken.
    """
    require(actor, ACTION)
    _require_state(wave, wanted.mode)
    if wanted.number and read_number(wanted.number) != wanted.number:
        text = "整理番号が正しくありません。手紙の番号（数字5桁-1桁）を確かめてください。"
        raise InvalidInput([Problem(None, "整理番号", text)])
    with transaction.atomic():
        rows = list(chosen(wave, wanted).values_list("pk", flat=True))
        if not rows:
            raise NotReady("作成する手紙がありません。すでに作成されたか、回答されています。")
        where = wanted.number or (wanted.hub.name if wanted.hub else "全拠点")
        digest = hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:24]
        return enqueue_once(
            actor,
            TrailEntry(ACTION, wave, {"mode": wanted.mode.value, "letters": len(rows)}),
            kind=LETTERS_JOB,
            key=f"{LETTERS_JOB}:{wave.pk}:{wanted.mode.value}:{digest}",
            label=f"{wave} {wanted.mode.label}（{where}、{len(rows):,}通）",
            params={
                "wave_id": wave.pk,
                "mode": wanted.mode.value,
                "hub_id": wanted.hub.pk if wanted.hub else None,
                "number": wanted.number,
            },
        )


def _require_state(wave: SurveyWave, mode: Mode) -> None:
    states = {WaveState.DRAWN, WaveState.OPEN} if mode != Mode.REMIND else {WaveState.OPEN}
    if wave.state not in states:
        state = wave.get_state_display()
        raise Conflict(f"{wave}は「{state}」のため、{mode.label}は作成できません。")
    if clock.now() >= wave.closes_at:
        raise Conflict(f"{wave}は回答の締切を過ぎているため、手紙は作成できません。")


@dataclass(frozen=True)
class Printed:
    """A letter with the token that stands on its paper and nowhere else."""

    letter: SurveyInvitation
    token: str


def keep_links(*, actor: Scope, wave: SurveyWave, mode: Mode, printed: Sequence[Printed]) -> None:
    """Keep the hashes of printed links, in the transaction that also keeps their bundle.

    Conflict when another bundle was made meanwhile or the wave moved on: this one is then thrown
    away with its links.
    """
    require(actor, ACTION)
    with transaction.atomic():
        row = lock(wave)
        _require_state(row, mode)
        now = clock.now()
        if mode == Mode.FIRST:
            _write_first(printed)
            return
        numbers = {one.letter.number for one in printed}
        issues = _newest(row, numbers)
        if any(issues.get(one.letter.number) != one.letter.issue for one in printed):
            raise Conflict("同じ手紙がほかで作成されました。もう一度始めてください。")
        if mode == Mode.AGAIN:
            old = SurveyInvitation.objects.filter(wave=row, number__in=numbers, voided_at=None)
            old.update(voided_at=now)
        SurveyInvitation.objects.bulk_create(
            [
                SurveyInvitation(
                    wave=row,
                    hub_id=one.letter.hub_id,
                    number=one.letter.number,
                    issue=one.letter.issue + 1,
                    client_key=one.letter.client_key,
                    organization_id=one.letter.organization_id,
                    person=one.letter.person,
                    visits=one.letter.visits,
                    token_hash=hash_of(one.token),
                    issued_at=now,
                )
                for one in printed
            ],
            batch_size=1_000,
        )


def _newest(wave: SurveyWave, numbers: Collection[str]) -> dict[str, int]:
    rows = SurveyInvitation.objects.filter(wave=wave, number__in=numbers).order_by()
    return dict(rows.values_list("number").annotate(Max("issue")))


def _write_first(printed: Sequence[Printed]) -> None:
    rows = SurveyInvitation.objects.select_for_update(of=("self",)).in_bulk(
        [one.letter.pk for one in printed]
    )
    if any(rows[one.letter.pk].token_hash for one in printed):
        raise Conflict("同じ手紙がほかで作成されました。もう一度始めてください。")
    now = clock.now()
    for one in printed:
        rows[one.letter.pk].token_hash = hash_of(one.token)
        rows[one.letter.pk].issued_at = now
    SurveyInvitation.objects.bulk_update(rows.values(), ["token_hash", "issued_at"], batch_size=500)


def take_letters(*, actor: Scope, job: Job) -> str:
    """Hand a bundle out, once; the path of its file, which the caller deletes after opening it.

    Conflict when it was handed out before.
    """
    require(actor, ACTION)
    with transaction.atomic():
        row = Job.objects.select_for_update(of=("self",)).get(pk=job.pk, kind=LETTERS_JOB)
        place = str(row.result.get(PLACE, ""))
        if not place or row.result.get(TAKEN):
            raise Conflict(
                "この手紙は受け取り済みです。紛失したときは、再発行してください（前のリンクは無効になります）。"
            )
        row.result = {**row.result, TAKEN: clock.now().isoformat(timespec="seconds")}
        row.save(update_fields=["result"])
        wave = SurveyWave.objects.get(pk=row.params["wave_id"])
        record(actor, ACTION, wave, after={"job": row.pk, "taken": row.result.get("count", 0)})
    return place
