"""Screens of an import: list, upload with template, preview, apply, undo."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.imports import operations
from yorozu.core.imports.forms import BulkUploadForm, UndoForm, UploadForm
from yorozu.core.imports.kinds import FileKind, all_kinds, find
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.queries import (
    applied_before,
    as_rows,
    column_names,
    kind_label,
    kinds_for,
    params_text,
    problems_of,
    shown_changes,
    stored_problems,
)
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import panel
from yorozu.core.sheets import Sheet, to_csv, to_xlsx
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Empty, Table

PAGE = 100
LISTED_PROBLEMS = 200
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOME = Crumb("ホーム", "/")
WORKING = {BatchState.CHECKING, BatchState.APPLYING, BatchState.UNDOING}
JOB_CHIPS = {
    JobState.QUEUED: Status.QUEUED,
    JobState.RUNNING: Status.RUNNING,
    JobState.SUCCEEDED: Status.FINISHED,
    JobState.FAILED: Status.FAILED,
}
COLUMNS = [
    Column("filename", "ファイル", header=True),
    Column("kind", "種類"),
    Column("state", "状態"),
    Column("added", "追加", numeric=True, unit="行"),
    Column("changed", "変更", numeric=True, unit="行"),
    Column("problems", "誤り", numeric=True, unit="件"),
    Column("who", "取り込んだ人"),
    Column("at", "取込日時"),
]


@require_safe
@allow("core.imports.view")
def import_list(request: HttpRequest) -> HttpResponse:
    """Imports within the scope, newest first."""
    scope = scope_of(request)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    batches = ImportBatch.objects.visible_to(scope).light().defer("changes", "problems")
    batches = batches.filter(kind=kind) if kind else batches
    batches = batches.filter(state=state) if state else batches
    page = Paginator(batches, PAGE).get_page(request.GET.get("page"))
    may_import = decide(scope, "core.imports.use").allowed and bool(kinds_for(scope))
    new_url = reverse("import_new") if may_import else ""
    empty = Empty(
        "条件に合う取込はありません。" if kind or state else "取込はまだありません。",
        "ファイルを選ぶと、内容を確認してから反映できます。反映するまで、データは変わりません。",
        new_url,
        "ファイルを取り込む",
    )
    context = {
        "title": "取込",
        "breadcrumbs": [HOME, Crumb("取込")],
        "table": Table(
            caption="取込の一覧", columns=COLUMNS, rows=[_row(row) for row in page], empty=empty
        ),
        "page": page,
        "query": urlencode({"kind": kind, "state": state}),
        "kinds": all_kinds(),
        "kind": kind,
        "states": BatchState.choices,
        "state": state,
        "new_url": new_url,
    }
    return render(request, "core/imports/list.html", context)


def _row(batch: ImportBatch) -> dict[str, object]:
    checked = batch.state != BatchState.CHECKING
    return {
        "filename": Cell(batch.filename, url=reverse("import_detail", args=[batch.pk])),
        "kind": kind_label(batch.kind),
        "state": _chip(batch),
        "added": batch.rows_added if checked else None,
        "changed": batch.rows_changed if checked else None,
        "problems": batch.problems_total if checked else None,
        "who": batch.created_by_name,
        "at": batch.created_at,
    }


def _chip(batch: ImportBatch) -> Chip:
    return Chip(Status.named(batch.state))


@require_safe
@allow("core.imports.use")
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose what kind of file it is."""
    context = {
        "title": "ファイルの取込",
        "kinds": kinds_for(scope_of(request)),
        "breadcrumbs": [HOME, Crumb("取込", reverse("import_list")), Crumb("種類の選択")],
    }
    return render(request, "core/imports/new.html", context)


def _kind_or_404(code: str, scope: Scope) -> FileKind:
    try:
        kind = find(code)
    except KeyError:
        raise Http404 from None
    require(scope, kind.action)
    return kind


@require_http_methods(["GET", "HEAD", "POST"])
@allow("core.imports.use")
def import_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Conditions and file; after the upload the check runs in the background."""
    scope = scope_of(request)
    chosen = _kind_or_404(kind, scope)
    sent = request.POST if request.method == "POST" else None
    upload_form = BulkUploadForm if chosen.is_bulk else UploadForm
    form = upload_form(sent, request.FILES if sent is not None else None)
    conditions = chosen.params_form(sent) if chosen.params_form else None
    if sent is not None and all([form.is_valid(), conditions is None or conditions.is_valid()]):
        batch = _upload(scope, chosen, form, conditions)
        if batch is not None:
            return redirect("import_detail", pk=batch.pk)
    context = {
        "title": f"{chosen.label}の取込",
        "kind": chosen,
        "form": form,
        "conditions": conditions,
        "has_errors": bool(form.errors or (conditions and conditions.errors)),
        "columns": _columns_or_empty(chosen, conditions),
        "breadcrumbs": [
            HOME,
            Crumb("取込", reverse("import_list")),
            Crumb("種類の選択", reverse("import_new")),
            Crumb(chosen.label),
        ],
    }
    status = 422 if context["has_errors"] else 200
    return render(request, "core/imports/upload.html", context, status=status)


def _upload(
    scope: Scope, kind: FileKind, form: forms.Form, conditions: forms.Form | None
) -> ImportBatch | None:
    params = kind.params_from(conditions.cleaned_data) if conditions else {}
    file = form.cleaned_data["file"]
    about = {"kind": kind.code, "params": params, "filename": file.name}
    try:
        if kind.is_bulk:
            return operations.upload_stream(scope, **about, file=file)
        return operations.upload(scope, **about, data=file.read())
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error("file", problem.message)
    return None


def _default_params(kind: FileKind, conditions: forms.Form | None) -> dict[str, Any]:
    """The conditions as the empty form proposes them; in templates they change examples only."""
    if conditions is None:
        return {}
    if conditions.is_bound and conditions.is_valid():
        return kind.params_from(conditions.cleaned_data)
    return {
        name: conditions.get_initial_for_field(field, name)
        for name, field in conditions.fields.items()
    }


def _columns_or_empty(kind: FileKind, conditions: forms.Form | None) -> list[Any]:
    return list(kind.columns(_default_params(kind, conditions)))


@require_safe
@allow("core.imports.use")
def import_template(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    """The file to fill in: headings and example rows, as CSV or XLSX."""
    chosen = _kind_or_404(kind, scope_of(request))
    conditions = chosen.params_form(request.GET or None) if chosen.params_form else None
    params = _default_params(chosen, conditions)
    header = [column.heading for column in chosen.columns(params)]
    rows = chosen.example_rows(params)
    if extension == "csv":
        response = HttpResponse(to_csv(header, rows), content_type="text/csv; charset=utf-8")
    else:
        data = to_xlsx([Sheet(chosen.label, header, rows)])
        response = HttpResponse(data, content_type=XLSX_TYPE)
    name = f"template_{chosen.code.replace('.', '_')}.{extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(scope_of(request)).light()
    return get_object_or_404(batches, pk=pk)


@require_safe
@allow("core.imports.view")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress while a job works on it; then the preview, or what was written."""
    scope, batch = scope_of(request), _batch(request, pk)
    changes = shown_changes(batch.changes)
    page = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    is_bulk = find(batch.kind).is_bulk
    names = column_names(batch, changes) if is_bulk else []
    allowed = decide(scope, "core.imports.use").allowed and _may_write(batch, scope)
    context = {
        "title": batch.filename,
        "batch": batch,
        "chip": _chip(batch),
        "kind_label": kind_label(batch.kind),
        "conditions": params_text(batch),
        "panel": _panel(batch),
        "working": batch.state in WORKING,
        "applied_before": applied_before(batch),
        "problems": problems_of(batch)[:LISTED_PROBLEMS],
        "has_problem_file": bool(stored_problems(batch)),
        "is_bulk": is_bulk,
        "names": names,
        "added": as_rows(page, names) if is_bulk else [],
        "page": page,
        "moving": batch.rows_added + batch.rows_changed,
        "may_apply": allowed and batch.state == BatchState.READY,
        "may_undo": allowed and batch.state == BatchState.APPLIED,
        "breadcrumbs": [HOME, Crumb("取込", reverse("import_list")), Crumb(batch.filename)],
    }
    return render(request, "core/imports/detail.html", context)


def _may_write(batch: ImportBatch, scope: Scope) -> bool:
    return decide(scope, find(batch.kind).action).allowed


def _panel(batch: ImportBatch) -> dict[str, object] | None:
    """The bar of the job that works on the file now; None when none does."""
    if batch.state not in WORKING:
        return None
    job_id = {
        BatchState.CHECKING.value: batch.check_job_id,
        BatchState.APPLYING.value: batch.apply_job_id,
        BatchState.UNDOING.value: batch.undo_job_id,
    }[batch.state]
    job = Job.objects.filter(pk=job_id).first() if job_id is not None else None
    if job is None:
        return None
    return {
        **panel(job),
        "status": JOB_CHIPS[JobState(job.state)],
        "poll_url": reverse("import_progress", args=[batch.pk]),
        "here": reverse("import_detail", args=[batch.pk]),
        "file_url": "",
        "retry_url": reverse("job_retry", args=[job.pk]) if job.state == JobState.FAILED else "",
    }


@require_safe
@allow("core.imports.view")
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, asked each second; when the job is over the page is loaded anew."""
    batch = _batch(request, pk)
    request.is_polling = True  # type: ignore[attr-defined]
    shown = _panel(batch)
    if shown is None or shown["is_over"]:
        response = HttpResponse(status=200)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "core/jobs/_panel.html", {"panel": shown})


@require_safe
@allow("core.imports.view")
def import_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The problems as CSV, to be worked off beside the file."""
    batch = _batch(request, pk)
    if name := stored_problems(batch):
        return FileResponse(
            default_storage.open(name),
            as_attachment=True,
            filename=f"import_{batch.pk}_problems.csv",
            content_type="text/csv; charset=utf-8",
        )
    rows = [[p.row, p.column, p.message] for p in problems_of(batch)]
    data = to_csv(["行", "列", "誤りの内容"], rows)
    response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import_{batch.pk}_problems.csv"'
    return response


@require_POST
@allow("core.imports.use")
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Start writing what the preview showed."""
    operations.start_apply(scope_of(request), batch=_batch(request, pk))
    messages.success(request, "反映を始めました。終わるまで、この画面で進み具合を確認できます。")
    return redirect("import_detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("core.imports.use")
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm with a reason, then take the whole import back."""
    batch = _batch(request, pk)
    require(scope_of(request), find(batch.kind).action)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _undo(request, batch, form.cleaned_data["reason"])
        return redirect("import_detail", pk=pk)
    context = {
        "title": "取込の取消し",
        "batch": batch,
        "kind_label": kind_label(batch.kind),
        "is_bulk": find(batch.kind).is_bulk,
        "form": form,
        "breadcrumbs": [
            HOME,
            Crumb("取込", reverse("import_list")),
            Crumb(batch.filename, reverse("import_detail", args=[pk])),
            Crumb("取消し"),
        ],
    }
    return render(request, "core/imports/undo.html", context, status=422 if form.errors else 200)


def _undo(request: HttpRequest, batch: ImportBatch, reason: str) -> None:
    """At once, or in the background for a bulk file."""
    if find(batch.kind).is_bulk:
        operations.start_undo(scope_of(request), batch=batch, reason=reason)
        done = "取消しを始めました。終わるまで、この画面で進み具合を確認できます。"
    else:
        operations.undo(scope_of(request), batch=batch, reason=reason)
        done = "取込を取り消しました。追加した行は除かれ、変更した行は元の値に戻りました。"
    messages.success(request, done)
