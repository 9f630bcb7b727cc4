"""What waits on the desks of the national HQ, the administrators, the auditors and the invited."""

from typing import Any

from django.urls import reverse

from evaluation.evidence.models import EvidenceBook
from evaluation.hearings.models import Hearing
from evaluation.scoring.models import EvaluationRun, RunState
from evaluation.surveys.models import (
    PartnerAssessment,
    SatisfactionSurvey,
    SurveyWave,
    WaveState,
)
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.audit.operations import head
from yorozu.core.fiscal import nendo
from yorozu.core.imports.models import BatchState
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.web.chips import Status
from yorozu.core.web.tables import Empty
from yorozu.portal.home.checks import check_work
from yorozu.portal.home.desk import Desk, Task, Work, hub_task, joined
from yorozu.portal.home.files import LISTED, batches, ready_files
from yorozu.portal.home.guidance import guidance_work
from yorozu.portal.home.hearing_side import hearing_work
from yorozu.portal.home.judging import headquarters, pending, run_page
from yorozu.portal.home.matrix import Matrix
from yorozu.portal.home.state_side import late_work, recent_runs
from yorozu.portal.home.steps import Need, Stage
from yorozu.portal.home.year_side import papers, preparation, together

# What a judgement needs of every hub: words, table, page, code of the deadline.
_OPINIONS: tuple[tuple[str, type[Any], str, str], ...] = (
    ("顧客満足度調査の結果をそろえる", SatisfactionSurvey, "survey_term", "survey"),
    ("支援機関による評価の結果をそろえる", PartnerAssessment, "partner_term", "survey"),
    ("ヒアリングの評点を取り込む", Hearing, "hearing_term", "hearing"),
)


def national_hq(desk: Desk) -> Work:
    """Files to apply, opinions and evidence that are missing, runs for a second person."""
    empty = Empty(
        "いま対応が必要なことはありません。",
        "期末になると、調査・ヒアリングの取込、証拠台帳の凍結、評価の算定がここに並びます。",
    )
    runs = recent_runs(desk)
    parts = [Work(late_work(desk, found), _with_bureaus(found)) for found in desk.matrices]
    judging = [
        _judging(desk, term, [run for run in runs if run.term_id == term.pk])
        for term in desk.judged
    ]
    held = papers(desk)
    shared = [together(desk, found, held) for found in desk.matrices]
    return joined(
        Work(empty=empty),
        ready_files(desk),
        preparation(desk),
        hearing_work(desk),
        *shared,
        *judging,
        _surveys(),
        _runs(desk, runs),
        guidance_work(desk),
        *parts,
        check_work(desk),
    )


def _with_bureaus(found: Matrix) -> list[Task]:
    return [
        *hub_task(found, "経済産業局による事業計画の審査", Stage.PLAN, Need.BUREAU_TURN),
        *hub_task(found, "経済産業局による月次実績の確認", Stage.MONTH, Need.BUREAU_TURN),
    ]


def _judging(desk: Desk, term: Term, runs: list[EvaluationRun]) -> Work:
    """What the judgement of a term still lacks; nothing any more once a run is published."""
    if any(run.state == RunState.PUBLISHED for run in runs):
        return Work()
    due = {row.code: row.due_at for row in term.deadlines.all()}
    year = nendo(term.fiscal_year)
    tasks = [
        Task(
            f"{year}の{text}（未了{count}拠点）",
            reverse(page, args=[term.fiscal_year]),
            "",
            due.get(code),
            Status.NOT_STARTED,
        )
        for text, model, page, code in _OPINIONS
        if (count := _lacking(model, term))
    ]
    without_book = _lacking(EvidenceBook, term)
    if without_book:
        text = f"{year}の証拠台帳を凍結する（未凍結{without_book}拠点）"
        tasks.append(Task(text, reverse("evidence_term", args=[term.fiscal_year])))
    elif not runs:
        hint = "証拠台帳は全拠点で凍結されています。"
        text = f"{year}の評価を算定する"
        tasks.append(Task(text, reverse("run_list"), hint, None, Status.NOT_STARTED))
    return Work(tasks)


_WAVE_TURNS = {
    WaveState.DRAFT: ("標本を抽出する", Status.DRAFT),
    WaveState.DRAWN: ("手紙を作成し、回答の受付を始める", Status.QUEUED),
}


def _surveys() -> Work:
    """Waves whose next step is headquarters' turn, and those that take answers."""
    rows = SurveyWave.objects.select_related("term").filter(
        state__in=[WaveState.DRAFT, WaveState.DRAWN, WaveState.OPEN]
    )
    tasks, waiting = [], []
    for wave in rows.order_by("closes_at", "pk"):
        url, due = reverse("survey_wave", args=[wave.pk]), wave.closes_at
        if wave.state != WaveState.OPEN:
            text, status = _WAVE_TURNS[WaveState(wave.state)]
            tasks.append(Task(f"{wave}の{text}", url, "", due, status))
        elif clock.now() >= due:
            hint = "用紙の回答を入力してから確定します。"
            tasks.append(Task(f"{wave}の集計を確定する", url, hint, due, Status.REVIEW))
        else:
            hint = "回答の締切まで待ちます。"
            waiting.append(Task(f"{wave}の回答", url, hint, due, Status.RUNNING))
    return Work(tasks, waiting)


def _lacking(model: type[Any], term: Term) -> int:
    """Hubs in operation without a row of this kind in the term."""
    held = model.objects.filter(term=term).values("hub_id")
    return Hub.objects.filter(closed_on=None).exclude(pk__in=held).count()


def _runs(desk: Desk, runs: list[EvaluationRun]) -> Work:
    """Runs to bring on their way, and those that wait for their publication."""
    work = headquarters(desk, runs)
    waiting = [
        Task(
            f"{nendo(run.term.fiscal_year)}の評価の公表",
            run_page(run),
            "中小企業庁の番です。",
            None,
            Status.FINALIZED,
        )
        for run in pending(runs, RunState.FIXED)
    ]
    return joined(work, Work((), waiting))


def system_admin(desk: Desk) -> Work:
    """Jobs that failed, files that were refused, and what is running."""
    jobs = list(Job.objects.visible_to(desk.scope).exclude(state=JobState.SUCCEEDED))
    failed = [job for job in jobs if job.state == JobState.FAILED]
    refused = batches(desk, BatchState.REFUSED)
    tasks = []
    if failed:
        url = f"{reverse('job_list')}?state={JobState.FAILED}"
        text = f"失敗したジョブを確認する（{len(failed)}件）"
        tasks.append(Task(text, url, failed[0].label, None, Status.FAILED))
    if refused:
        url = f"{reverse('import_list')}?state={BatchState.REFUSED}"
        text = f"取り込めなかったファイルを確認する（{len(refused)}件）"
        tasks.append(Task(text, url, refused[0].filename, None, Status.REFUSED))
    waiting = [
        Task(
            job.label,
            reverse("job_detail", args=[job.pk]),
            job.step,
            None,
            Status.RUNNING if job.state == JobState.RUNNING else Status.QUEUED,
        )
        for job in jobs
        if job.state != JobState.FAILED
    ]
    empty = Empty(
        "失敗したジョブと、取り込めなかったファイルはありません。",
        "問題が起きると、ここに表示します。利用者の停止と再開は、メニューの「利用者」で行います。",
    )
    return joined(
        Work(empty=empty), ready_files(desk), preparation(desk), Work(tasks, waiting[:LISTED])
    )


def auditor(desk: Desk) -> Work:
    """The trail: how long it is and how its chain is checked."""
    count, end = head()
    hint = f"記録は{count:,}件です。連鎖の末尾：{end.partition(':')[2][:16]}"
    return Work(
        [Task("監査記録を調べる", reverse("audit_list"), hint)],
        empty=Empty("監査記録はまだありません。"),
    )


def supporter(desk: Desk) -> Work:
    """HQ supporters are asked from a later issue on."""
    return Work(
        empty=Empty(
            "いま回答が必要な依頼はありません。",
            "拠点からの支援の依頼と、支援記録の期限が、ここに並びます。",
            reverse("hub_list"),
            "拠点の一覧を見る",
        )
    )


def liaison(desk: Desk) -> Work:
    """Liaison experts plan their calls here from a later issue on."""
    return Work(
        empty=Empty(
            "いま予定している支援機関への訪問はありません。",
            "支援機関への訪問の予定と、広報の掲載の確認が、ここに並びます。",
            reverse("hub_list"),
            "拠点の一覧を見る",
        )
    )


def board_member(desk: Desk) -> Work:
    """The hearings that a member of the board sits on."""
    empty = Empty(
        "いま採点や確認が必要な案件はありません。",
        "担当するヒアリングの宣誓と採点が、ここに並びます。",
        reverse("term_list"),
        "期と活動方針を見る",
    )
    return joined(Work(empty=empty), hearing_work(desk))
