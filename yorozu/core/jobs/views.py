"""Screens of background work: the list, one job with its moving bar, its file, and trying again."""

from pathlib import PurePosixPath

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from yorozu.core.access import Role, Scope, allow, decide, scope_of
from yorozu.core.jobs import operations
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import file_of, panel
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Empty, Table

PAGE = 50
CHIPS = {
    JobState.QUEUED: Status.QUEUED,
    JobState.RUNNING: Status.RUNNING,
    JobState.SUCCEEDED: Status.FINISHED,
    JobState.FAILED: Status.FAILED,
}
COLUMNS = [
    Column("label", "内容", header=True),
    Column("state", "状態"),
    Column("percent", "進み具合", numeric=True),
    Column("who", "依頼した人"),
    Column("at", "依頼日時"),
    Column("number", "番号", numeric=True),
]


@require_safe
@allow("core.jobs.view")
def job_list(request: HttpRequest) -> HttpResponse:
    """Jobs of the person, newest first; administrators and auditors see everybody's."""
    wanted = request.GET.get("state", "")
    jobs = Job.objects.visible_to(scope_of(request)).select_related("created_by")
    if wanted in JobState.values:
        jobs = jobs.filter(state=wanted)
    page = Paginator(jobs, PAGE).get_page(request.GET.get("page"))
    table = Table(
        caption="ジョブ",
        columns=COLUMNS,
        rows=[_row(job) for job in page],
        empty=Empty(
            "ジョブはまだありません。",
            "ファイルの取込や評価の算定など、時間のかかる処理を始めると、ここで進み具合を確認できます。",
        ),
    )
    context = {
        "title": "ジョブ",
        "table": table,
        "page": page,
        "query": f"state={wanted}" if wanted else "",
        "states": [("", "すべて"), *JobState.choices],
        "wanted": wanted,
    }
    return render(request, "core/jobs/list.html", context)


def _row(job: Job) -> dict[str, object]:
    return {
        "label": Cell(job.label, url=reverse("job_detail", args=[job.pk])),
        "state": Chip(CHIPS[JobState(job.state)]),
        "percent": f"{job.percent}%",
        "who": job.created_by.name if job.created_by else job.params.get("system_name", ""),
        "at": job.created_at,
        "number": str(job.pk),
    }


@require_safe
@allow("core.jobs.view")
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: the bar, the step, and when it is over its result or the reason of its failure."""
    scope = scope_of(request)
    job = get_object_or_404(Job.objects.visible_to(scope).select_related("created_by"), pk=pk)
    context = {
        "title": job.label,
        "job": job,
        "panel": _panel(job, scope),
        "breadcrumbs": [Crumb("ジョブ", reverse("job_list")), Crumb(f"番号{job.pk}")],
    }
    return render(request, "core/jobs/detail.html", context)


@require_safe
@allow("core.jobs.view")
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar and the times below it, asked each second by the page until the job is over."""
    scope = scope_of(request)
    job = get_object_or_404(Job.objects.visible_to(scope).select_related("created_by"), pk=pk)
    request.is_polling = True  # type: ignore[attr-defined]
    context = {"job": job, "panel": _panel(job, scope)}
    return render(request, "core/jobs/_progress.html", context)


def _panel(job: Job, scope: Scope) -> dict[str, object]:
    return {
        **panel(job),
        "status": CHIPS[JobState(job.state)],
        "poll_url": reverse("job_progress", args=[job.pk]),
        "here": reverse("job_detail", args=[job.pk]),
        "file_url": reverse("job_file", args=[job.pk]) if _may_open_file(job, scope) else "",
        "retry_url": _retry_url(job, scope),
    }


def _retry_url(job: Job, scope: Scope) -> str:
    if job.state != JobState.FAILED or not decide(scope, "core.jobs.retry").allowed:
        return ""
    return reverse("job_retry", args=[job.pk])


def _may_open_file(job: Job, scope: Scope) -> bool:
    """Files hold business data: those who only watch over jobs do not read them."""
    mine = job.created_by_id is not None and job.created_by_id == scope.user_id
    return file_of(job) != "" and scope.role is not None and (mine or scope.role == Role.AUDITOR)


@require_safe
@allow("core.jobs.view")
def job_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file a job has made, streamed to the person who asked for it."""
    scope = scope_of(request)
    job = get_object_or_404(Job.objects.visible_to(scope), pk=pk)
    path = file_of(job)
    if not _may_open_file(job, scope) or not default_storage.exists(path):
        raise Http404
    name = str(job.result.get("filename") or PurePosixPath(path).name)
    return FileResponse(default_storage.open(path), as_attachment=True, filename=name)


@require_POST
@allow("core.jobs.retry")
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a failed job again."""
    scope = scope_of(request)
    job = get_object_or_404(Job.objects.visible_to(scope), pk=pk)
    operations.retry(scope, job=job)
    messages.success(request, "ジョブをもう一度始めました。この画面で進み具合を確認できます。")
    return redirect("job_detail", pk=job.pk)
