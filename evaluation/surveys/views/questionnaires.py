"""Screens of the questionnaires: versions, their words as respondents see them, writing."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.surveys import operations, tables
from evaluation.surveys.forms import STANDARD, AnswerForm, QuestionnaireForm
from evaluation.surveys.models import Questionnaire, WaveKind
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of

VIEW, WORD = "evaluation.surveys.view", "evaluation.surveys.word"


def crumbs(*steps: Crumb) -> list[Crumb]:
    """The path above a page of waves and questionnaires."""
    return [Crumb("ホーム", "/"), Crumb("調査回", reverse("survey_waves")), *steps]


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the posted fields, also when there are none."""
    return request.POST if request.method == "POST" else None


@require_safe
@allow(VIEW)
def questionnaire_list(request: HttpRequest) -> HttpResponse:
    """All versions of both kinds."""
    rows = Questionnaire.objects.annotate(used=Count("waves")).order_by("kind", "-version")
    held = list(rows)
    context = {
        "title": "調査票",
        "breadcrumbs": crumbs(Crumb("調査票")),
        "table": tables.questionnaire_table(held, {row.pk: row.used for row in held}),
        "kinds": WaveKind.choices if decide(scope_of(request), WORD).allowed else [],
    }
    return render(request, "evaluation/surveys/questionnaires.html", context)


@require_safe
@allow(VIEW)
def questionnaire_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a version, as they look behind a link."""
    row = get_object_or_404(Questionnaire, pk=pk)
    may_write = decide(scope_of(request), WORD).allowed
    context = {
        "title": str(row),
        "breadcrumbs": crumbs(Crumb("調査票", reverse("questionnaire_list")), Crumb(str(row))),
        "asked": row,
        "form": AnswerForm(asked=row),
        "may_change": may_write and not row.is_locked,
        "may_copy": may_write,
    }
    return render(request, "evaluation/surveys/questionnaire.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(WORD)
def questionnaire_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new version, beginning from the newest one or the standard words."""
    if kind not in WaveKind.values:
        raise Http404
    wanted = WaveKind(kind)
    form = QuestionnaireForm(sent(request), initial=_beginning(wanted))
    if request.method == "POST" and form.is_valid():
        row = operations.make_questionnaire(
            actor=scope_of(request), kind=wanted, words=form.words()
        )
        messages.success(request, f"{row}を作成しました。")
        return redirect("questionnaire_detail", pk=row.pk)
    return _page(request, form, f"{wanted.label}の調査票の作成", "作成する")


def _beginning(kind: WaveKind) -> dict[str, str]:
    latest = Questionnaire.objects.filter(kind=kind).order_by("-version").first()
    words = STANDARD[kind] if latest is None else latest
    return {name: getattr(words, name) for name in QuestionnaireForm.base_fields}


@require_http_methods(["GET", "HEAD", "POST"])
@allow(WORD)
def questionnaire_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other words for a version that no wave has used."""
    row = get_object_or_404(Questionnaire, pk=pk)
    initial = {name: getattr(row, name) for name in QuestionnaireForm.base_fields}
    form = QuestionnaireForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        operations.change_questionnaire(
            actor=scope_of(request), questionnaire=row, words=form.words()
        )
        messages.success(request, f"{row}を保存しました。")
        return redirect("questionnaire_detail", pk=row.pk)
    return _page(request, form, f"{row}の変更", "保存する", row)


def _page(
    request: HttpRequest,
    form: QuestionnaireForm,
    title: str,
    button: str,
    row: Questionnaire | None = None,
) -> HttpResponse:
    context = {
        "title": title,
        "breadcrumbs": crumbs(Crumb("調査票", reverse("questionnaire_list")), Crumb(title)),
        "form": form,
        "button": button,
        "asked": row,
    }
    return render(
        request, "evaluation/surveys/questionnaire_edit.html", context, status=status_of(form)
    )
