"""Screens of people: surveys and the paper's table, the people of a hub, one person."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hubs.network.models import Hub
from hubs.people import exports, operations, queries
from hubs.people.forms import EndEngagementForm
from hubs.people.models import Engagement, Person, QualificationSurvey
from hubs.people.queries import Member, Unit
from hubs.people.resources import QualificationKind
from yorozu.core.access import allow, decide, require, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.fiscal import wareki
from yorozu.core.pdf import pdf_available
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import attachment, sheet_file
from yorozu.core.web.tables import Cell, Column, Empty, Table

HOME = Crumb("ホーム", "/")
SAMPLE = "サンプル"
NO_PEOPLE = Empty(
    "まだ登録された人がいません。",
    "全国本部またはシステム管理者が体制・保有資格調査を取り込むと、ここに表示されます。",
)


@require_safe
@allow("hubs.people.summary")
def qualification_surveys(request: HttpRequest) -> HttpResponse:
    """All surveys, newest first."""
    table = Table(
        caption="保有資格調査",
        columns=[
            Column("name", "調査名", header=True),
            Column("as_of", "調査時点"),
            Column("people", "回答者", numeric=True, unit="人"),
            Column("ticks", "保有資格", numeric=True, unit="件"),
        ],
        rows=[
            {
                "name": Cell(
                    line.survey.name,
                    url=reverse("qualification_survey", args=[line.survey.pk]),
                    note=SAMPLE if line.survey.is_sample else "",
                ),
                "as_of": line.survey.as_of,
                "people": line.people if line.people is not None else Cell("集計表のみ"),
                "ticks": line.ticks,
            }
            for line in queries.surveys()
        ],
        empty=Empty(
            "まだ保有資格調査がありません。",
            "全国本部またはシステム管理者が調査の結果を取り込むと、集計表を見られます。",
        ),
    )
    context = {
        "title": "保有資格調査",
        "breadcrumbs": [HOME, Crumb("拠点", reverse("hub_list")), Crumb("保有資格調査")],
        "table": table,
        "may_import": decide(scope_of(request), QualificationKind.action).allowed,
    }
    return render(request, "hubs/people/surveys.html", context)


def _asked(
    request: HttpRequest, pk: int
) -> tuple[QualificationSurvey, Unit, QualificationSurvey | None]:
    """Survey, unit and the survey to compare with; 404 for what the scope may not see."""
    survey = get_object_or_404(QualificationSurvey, pk=pk)
    unit = queries.find_unit(scope_of(request), request.GET.get("unit") or queries.NATION)
    if unit is None:
        raise Http404
    wanted = request.GET.get("compare", "")
    other = None
    if wanted.isascii() and wanted.isdigit() and int(wanted) != pk:
        other = get_object_or_404(QualificationSurvey, pk=int(wanted))
    return survey, unit, other


@require_safe
@allow("hubs.people.summary")
def qualification_survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The table in the paper's order, for a nation, bureau or hub; compared when asked."""
    survey, unit, other = _asked(request, pk)
    query = {"unit": unit.key, "compare": other.pk} if other else {"unit": unit.key}
    context = {
        **exports.table_context(survey, unit, other),
        "title": survey.name,
        "breadcrumbs": [
            HOME,
            Crumb("拠点", reverse("hub_list")),
            Crumb("保有資格調査", reverse("qualification_surveys")),
            Crumb(survey.name),
        ],
        "units": queries.units(scope_of(request)),
        "others": QualificationSurvey.objects.exclude(pk=survey.pk),
        "query": urlencode(query),
        "pdf_reason": pdf_available() or "",
    }
    return render(request, "hubs/people/survey.html", context)


@require_safe
@allow("hubs.people.summary")
def qualification_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same table as CSV, XLSX or PDF."""
    survey, unit, other = _asked(request, pk)
    name = f"保有資格_{survey.as_of:%Y%m%d}_{unit.label}"
    if kind == "pdf":
        data = exports.summary_pdf(survey, unit, other)
        return attachment(data, f"{name}.pdf", "application/pdf")
    this = queries.summary_of(survey, unit.hub_ids)
    before = queries.summary_of(other, unit.hub_ids) if other else None
    header, rows = exports.table_rows(this, before)
    return sheet_file(request, kind=kind, name=name, header=header, rows=rows)


@require_safe
@allow("hubs.people.view")
def hub_people(request: HttpRequest, code: str) -> HttpResponse:
    """Who is in office at a hub, with qualifications, and who was before."""
    scope = scope_of(request)
    hub = get_object_or_404(Hub.objects.visible_to(scope), code=code)
    present, past = queries.members(scope, hub)
    context = {
        "title": f"{hub.name}の体制",
        "breadcrumbs": [
            HOME,
            Crumb("拠点", reverse("hub_list")),
            Crumb(hub.name, reverse("hub_detail", args=[hub.code])),
            Crumb("体制と保有資格"),
        ],
        "hub": hub,
        "present": _present(present),
        "past": _past(past),
        "has_past": bool(past),
    }
    return render(request, "hubs/people/hub.html", context)


def _person_cell(person: Person) -> Cell:
    note = f"{person.kana}（{SAMPLE}）" if person.is_sample else person.kana
    return Cell(person.name, url=reverse("person_detail", args=[person.pk]), note=note)


def _present(members: list[Member]) -> Table:
    return Table(
        caption=f"在任中の人（{len(members)}人）",
        columns=[
            Column("person", "氏名", header=True),
            Column("role", "区分"),
            Column("held", "保有資格（自己申告）"),
            Column("since", "契約開始日"),
        ],
        rows=[
            {
                "person": _person_cell(member.engagement.person),
                "role": member.engagement.get_role_display(),
                "held": _held(member),
                "since": member.engagement.starts_on,
            }
            for member in members
        ],
        empty=NO_PEOPLE,
    )


def _held(member: Member) -> Cell:
    if member.answer is None:
        return Cell("未回答")
    return Cell(member.held or "なし", note=f"{wareki(member.answer.survey.as_of)}時点")


def _past(engagements: list[Engagement]) -> Table:
    return Table(
        caption="退任した人",
        columns=[
            Column("person", "氏名", header=True),
            Column("role", "区分"),
            Column("since", "契約開始日"),
            Column("until", "契約終了日"),
        ],
        rows=[
            {
                "person": _person_cell(row.person),
                "role": row.get_role_display(),
                "since": row.starts_on,
                "until": row.ends_on,
            }
            for row in engagements
        ],
    )


@require_safe
@allow("hubs.people.view")
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: engagements and answers at the hubs of the scope."""
    scope = scope_of(request)
    person = get_object_or_404(Person.objects.visible_to(scope), pk=pk)
    stints, answers = queries.history(scope, person)
    hub = stints[0].hub
    may_end = decide(scope, "hubs.people.end_engagement").allowed
    context = {
        "title": person.name,
        "breadcrumbs": [
            HOME,
            Crumb("拠点", reverse("hub_list")),
            Crumb(hub.name, reverse("hub_detail", args=[hub.code])),
            Crumb("体制と保有資格", reverse("hub_people", args=[hub.code])),
            Crumb(person.name),
        ],
        "person": person,
        "open_stints": [row for row in stints if row.ends_on is None] if may_end else [],
        "stints": _stints(stints),
        "answers": _answers(answers),
    }
    return render(request, "hubs/people/person.html", context)


def _stints(engagements: list[Engagement]) -> Table:
    return Table(
        caption="契約の履歴",
        columns=[
            Column("hub", "拠点", header=True),
            Column("role", "区分"),
            Column("body", "実施機関"),
            Column("since", "開始日"),
            Column("until", "終了日"),
        ],
        rows=[
            {
                "hub": row.hub.name,
                "role": row.get_role_display(),
                "body": str(row.implementing_body or ""),
                "since": row.starts_on,
                "until": row.ends_on or "在任中",
            }
            for row in engagements
        ],
    )


def _answers(answers: list[Any]) -> Table:
    return Table(
        caption="保有資格の回答（自己申告）",
        columns=[
            Column("survey", "調査", header=True),
            Column("as_of", "調査時点"),
            Column("role", "区分"),
            Column("held", "保有資格"),
        ],
        rows=[
            {
                "survey": answer.survey.name,
                "as_of": answer.survey.as_of,
                "role": answer.get_role_display(),
                "held": queries.held_names(answer) or "なし",
            }
            for answer in answers
        ],
        empty=Empty("まだ保有資格の回答がありません。"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.people.end_engagement")
def engagement_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the last day of an engagement."""
    scope = scope_of(request)
    rows = Engagement.objects.visible_to(scope).select_related("person", "hub")
    engagement = get_object_or_404(rows, pk=pk, ends_on=None)
    require(scope, "hubs.people.end_engagement", hub_id=engagement.hub_id)
    form = EndEngagementForm(request.POST if request.method == "POST" else None)
    problems: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            operations.end_engagement(
                scope,
                engagement=engagement,
                ends_on=form.cleaned_data["ends_on"],
                reason=form.cleaned_data["reason"],
            )
        except InvalidInput as error:
            problems = error.problems
        else:
            messages.success(request, f"{engagement.person.name}さんの契約の終了を記録しました。")
            return redirect("person_detail", engagement.person_id)
    context = {
        "title": "契約の終了を記録",
        "breadcrumbs": [
            HOME,
            Crumb(engagement.hub.name, reverse("hub_people", args=[engagement.hub.code])),
            Crumb(engagement.person.name, reverse("person_detail", args=[engagement.person_id])),
            Crumb("契約の終了を記録"),
        ],
        "engagement": engagement,
        "form": form,
        "problems": problems,
        "has_errors": bool(problems),
    }
    status = 422 if form.is_bound else 200
    return render(request, "hubs/people/engagement_end.html", context, status=status)
