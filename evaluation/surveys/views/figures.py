"""Screens of the satisfaction survey and the partner assessment."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from evaluation.surveys import queries, tables
from evaluation.surveys.models import (
    PartnerAssessment,
    SatisfactionSurvey,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.queries import National, PartnerLine, Satisfaction
from evaluation.surveys.rules import SATISFACTION_LEVELS, SMALL_PARTNERS
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import charts, clock
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.figures import format_percent, percent
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.tables import Cell, Column, Empty, Table

LEVEL_LABELS = tuple(f"{level} {label}" for level, label in reversed(SATISFACTION_LEVELS))
VIEW, HUB = "evaluation.surveys.view", "evaluation.surveys.hub"
COMES = "全国本部が調査回の集計を確定するか、集計済みのファイルを取り込むとそろいます。"
UNASKED = "調査回の集計は確定しました。聞く相手がいなかった拠点は、ファイルから取り込めます。"
NOTE_COLUMN = Column("note", "注意")


def _term(year: int) -> Term:
    return get_object_or_404(Term, fiscal_year=year)


def _frame(request: HttpRequest, term: Term, title: str, *crumbs: Crumb) -> dict[str, Any]:
    scope = scope_of(request)
    return {
        "title": title,
        "term": term,
        "years": queries.years_with_surveys(),
        "may_import": decide(scope, "evaluation.surveys.import").allowed,
        "breadcrumbs": [Crumb("ホーム", "/"), *crumbs, Crumb(title)],
    }


@require_safe
@allow(VIEW)
def survey_list(request: HttpRequest) -> HttpResponse:
    """The latest term with answers."""
    year = queries.latest_year(SatisfactionSurvey)
    if year is None:
        context = {"title": "顧客満足度調査", "breadcrumbs": [Crumb("ホーム", "/")]}
        return render(request, "evaluation/surveys/empty.html", context)
    return redirect("survey_term", year=year)


def _cells(line: Satisfaction) -> dict[str, Any]:
    held = line.hub is None or line.survey is not None
    return {
        "sent": line.sent if held else None,
        "returned": line.returned if held else None,
        "rate": line.rate,
        "n": line.n if held else None,
        "mean": line.mean,
        "top": line.top_box,
        "interval": tables.interval_text(line.interval),
        # The limits in brackets stand once below the table.
        "note": "、".join(_short(line.warnings)) if line.hub is not None else "",
    }


def _short(notes: list[str]) -> list[str]:
    return [text.partition("（")[0] for text in notes]


def _table(
    lines: list[Satisfaction], country: National, prior: Decimal | None, year: int, sort: str
) -> Table:
    rows = [
        {
            "code": line.hub.code,
            "hub": Cell(line.label, reverse("survey_hub", args=[year, line.hub.code])),
            **_cells(line),
            "shrunk": queries.satisfaction_shrunk(line, prior).value,
            "source": _origin(line),
        }
        for line in lines
        if line.hub is not None
    ]
    # One source for all stands in the caption: the notes need the width.
    sources = sorted({row["source"] for row in rows} - {""})
    columns = [
        *tables.HUB_COLUMNS,
        Column("mean", "平均", numeric=True, unit="1～5", sort=True),
        Column("shrunk", "縮小推定値", numeric=True, unit="1～5", sort=True),
        Column("top", "満足以上", numeric=True, unit="％", sort=True),
        Column("interval", "90％区間", numeric=True, unit="％"),
        Column("n", "有効回答", numeric=True, unit="件", sort=True),
        Column("sent", "送付数", numeric=True, unit="件", sort=True),
        Column("returned", "回収数", numeric=True, unit="件", sort=True),
        Column("rate", "回収率", numeric=True, unit="％", sort=True),
        *([Column("source", "集計元")] if len(sources) > 1 else []),
        NOTE_COLUMN,
    ]
    totals = {"code": "", "hub": "全国（全回答）", **_cells(country.pooled)}
    caption = "拠点別の顧客満足度"
    if len(sources) == 1:
        caption += f"（集計元：{sources[0]}）"
    table = Table(caption, columns, rows, {**totals, "code": "計"}, sticky=True)
    return table.sorted_by(sort)


def _origin(line: Satisfaction) -> str:
    """Where the figures of a hub come from."""
    if line.survey is None:
        return ""
    if line.survey.wave_id:
        return "調査回"
    return "ファイル" if line.survey.import_batch_id else ""


@require_safe
@allow(VIEW)
def survey_term(request: HttpRequest, year: int) -> HttpResponse:
    """Table of all hubs with response rate, mean, top-two share and interval, beside the nation."""
    term = _term(year)
    lines = queries.satisfaction_rows(term, scope_of(request))
    country = queries.national(term)
    missing = sum(line.survey is None for line in lines)
    wave = queries.wave_of(term, WaveKind.SATISFACTION)
    prior = queries.satisfaction_prior(term)
    context = {
        **_frame(request, term, f"顧客満足度調査（{nendo(year)}）"),
        "national": country,
        "table": _table(lines, country, prior, year, request.GET.get("sort", "")),
        "picture": _picture("回答の分布（全国）", country.pooled),
        "levels": _levels("回答の分布（全国）", country.pooled),
        "missing": missing,
        "wave": wave,
        "prior": prior,
        "missing_text": f"{missing}拠点の集計がありません。表の「未集計」の拠点です。"
        + (UNASKED if is_counted(wave) else COMES),
    }
    return render(request, "evaluation/surveys/term.html", context)


def _picture(title: str, line: Satisfaction) -> str:
    bars = [
        charts.Bar(label, count, _share(count, line.n))
        for label, count in zip(LEVEL_LABELS, line.histogram, strict=True)
    ]
    return charts.bar(title, bars, unit="件")


def _share(count: int, n: int) -> str:
    return f"{count:,}件（{format_percent(percent(count, n))}）"


def _levels(title: str, line: Satisfaction) -> Table:
    columns = [
        Column("level", "回答", header=True),
        Column("count", "件数", numeric=True, unit="件"),
        Column("share", "割合", numeric=True),
    ]
    rows = [
        {
            "level": label,
            "count": count,
            "share": format_percent(percent(count, line.n)),
        }
        for label, count in zip(LEVEL_LABELS, line.histogram, strict=True)
    ]
    return Table(title, columns, rows, {"level": "計", "count": line.n, "share": ""})


@require_safe
@allow(VIEW)
def survey_export(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """The table of the screen as CSV or XLSX."""
    term = _term(year)
    header = [
        *("拠点コード", "拠点名", "送付数", "回収数", "回収率（％）", *LEVEL_LABELS),
        *(
            "有効回答",
            "平均",
            "満足以上（％）",
            "90％区間の下限（％）",
            "90％区間の上限（％）",
            "注意",
        ),
    ]
    rows = [
        [line.hub.code, line.label, *_export_cells(line)]
        for line in queries.satisfaction_rows(term, scope_of(request))
        if line.hub is not None
    ]
    name = f"顧客満足度調査_{year}年度"
    return sheet_file(request, kind=kind, name=name, header=header, rows=rows)


def _export_cells(line: Satisfaction) -> list[Any]:
    low, high = line.interval or (None, None)
    held = line.survey is not None
    counts = [line.sent, line.returned] if held else [None, None]
    levels = list(line.histogram) if held else [None] * 5
    n = line.n if held else None
    figures = [n, line.mean, line.top_box, low, high, "、".join(line.warnings)]
    return [*counts, line.rate, *levels, *figures]


@require_safe
@allow(HUB)
def survey_hub(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """One hub: its answers beside the nation, and the organisations that rated it."""
    term, scope = _term(year), scope_of(request)
    hub = get_object_or_404(Hub.objects.visible_to(scope), code=code)
    line = queries.satisfaction_of(term, hub)
    # The hub side opens its own hub only, and reads partners in sums: who rated it is not its page.
    is_judge = decide(scope, VIEW).allowed
    back = Crumb(f"顧客満足度調査（{nendo(year)}）", reverse("survey_term", args=[year]))
    crumbs = [back] if is_judge else []
    assessed = queries.partner_line(term, hub)
    context = {
        **_frame(request, term, f"{hub.name}の満足度・支援機関の評価（{nendo(year)}）", *crumbs),
        "hub": hub,
        "line": line,
        "interval": tables.interval_text(line.interval),
        "national": queries.national(term),
        "picture": _picture(f"{hub.name}の回答の分布", line),
        "levels": _levels("回答の分布", line),
        "is_judge": is_judge,
        "shrunk": queries.satisfaction_shrunk(line, queries.satisfaction_prior(term)),
        "asides": _asides(line, hub),
        "customers_counted": is_counted(queries.wave_of(term, WaveKind.SATISFACTION)),
        "partners_counted": is_counted(queries.wave_of(term, WaveKind.PARTNER)),
        "waves": queries.waves_of(term, hub),
        "now": clock.now(),
        "assessed": assessed,
        "partner_shrunk": queries.partner_shrunk(
            assessed.counted, assessed.mean, queries.partner_prior(term)
        ),
        "partners": _partner_table(queries.partners_of(term, hub, scope)) if is_judge else None,
        "types": _type_table(queries.partner_types(term, scope, hub)) if is_judge else None,
    }
    return render(request, "evaluation/surveys/hub.html", context)


def is_counted(wave: SurveyWave | None) -> bool:
    """Whether there is a wave whose count is final."""
    return wave is not None and wave.state == WaveState.CLOSED


def _asides(line: Satisfaction, hub: Hub) -> list[Table]:
    """Tables of the questions beside the level, when the figures come from a wave."""
    wave = line.survey.wave if line.survey is not None else None
    return tables.aside_tables(wave, queries.asides(wave, hub)) if wave is not None else []


def _source(row: PartnerAssessment) -> str:
    if row.import_batch_id:
        return f"取込{row.import_batch_id}の{row.import_row}行目"
    return "調査回" if row.wave_id else ""


def _partner_table(rows: list[PartnerAssessment]) -> Table:
    columns = [
        Column("name", "支援機関", header=True),
        Column("value", "評価値", numeric=True, unit="1～5"),
        Column("people", "回答者", numeric=True, unit="人"),
        Column("kind", "種別"),
        NOTE_COLUMN,
        Column("source", "集計元"),
    ]
    body = [
        {
            "name": row.organization_name,
            "kind": row.get_organization_type_display(),
            "value": row.value,
            "people": row.respondents,
            "note": f"除外：{row.excluded_reason}" if row.is_excluded else "",
            "source": _source(row),
        }
        for row in rows
    ]
    empty = Empty(
        "支援機関による評価はまだありません。",
        "調査回の集計が確定するか、ファイルが取り込まれると表示されます。",
    )
    return Table("支援機関ごとの評価値", columns, body, empty=empty)


def _type_table(lines: list[queries.TypeLine]) -> Table:
    columns = [
        Column("kind", "種別", header=True),
        Column("mean", "平均", numeric=True, unit="1～5"),
        Column("count", "機関数", numeric=True, unit="機関"),
    ]
    rows = [{"kind": one.label, "count": one.counted, "mean": one.mean} for one in lines]
    return Table("種別ごとの評価", columns, rows)


@require_safe
@allow(VIEW)
def partner_term(request: HttpRequest, year: int) -> HttpResponse:
    """Partner values of all hubs and by kind of organisation."""
    term, scope = _term(year), scope_of(request)
    lines = queries.partner_rows(term, scope)
    types = queries.partner_types(term, scope)
    bars = [charts.Bar(one.label, one.mean, _mean_text(one)) for one in types]
    counts = queries.partner_counts(term)
    held = bool(counts["counted"] or counts["excluded"])
    context = {
        **_frame(request, term, f"支援機関による評価（{nendo(year)}）"),
        "counts": counts,
        "held": held,
        "hubs": len(lines),
        "wave": queries.wave_of(term, WaveKind.PARTNER),
        "table": _partner_lines(lines, year, held, request.GET.get("sort", "")),
        "types": _type_table(types),
        "picture": charts.bar("種別ごとの評価値の平均", bars),
    }
    return render(request, "evaluation/surveys/partners.html", context)


def _mean_text(one: queries.TypeLine) -> str:
    return f"{one.mean}（{one.counted}機関）" if one.mean is not None else "評価なし"


def _partner_lines(lines: list[PartnerLine], year: int, held: bool, sort: str) -> Table:
    columns = [
        *tables.HUB_COLUMNS,
        Column("mean", "平均", numeric=True, unit="1～5", sort=True),
        Column("counted", "評価した機関", numeric=True, unit="機関", sort=True),
        Column("excluded", "除外", numeric=True, unit="機関", sort=True),
        NOTE_COLUMN,
    ]
    rows = [
        {
            "code": line.hub.code,
            "hub": Cell(line.hub.name, reverse("survey_hub", args=[year, line.hub.code])),
            "counted": line.counted if held else None,
            "excluded": line.excluded if held else None,
            "mean": line.mean,
            "note": _partner_note(line) if held else "未集計",
        }
        for line in lines
    ]
    return Table("拠点別の支援機関による評価", columns, rows, sticky=True).sorted_by(sort)


def _partner_note(line: PartnerLine) -> str:
    if not line.counted:
        return "評価なし"
    return f"少数（{SMALL_PARTNERS}機関未満）" if line.is_small else ""


@require_safe
@allow(VIEW)
def partner_export(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """Every organisation's value as CSV or XLSX."""
    term = _term(year)
    rows = PartnerAssessment.objects.visible_to(scope_of(request)).filter(term=term)
    header = [
        "拠点コード",
        "拠点名",
        "支援機関",
        "種別",
        "評価値",
        "回答者数",
        "除外",
        "除外の理由",
    ]
    body = [
        [
            row.hub.code,
            row.hub.name,
            row.organization_name,
            row.get_organization_type_display(),
            row.value,
            row.respondents,
            row.is_excluded,
            row.excluded_reason,
        ]
        for row in rows.select_related("hub").order_by("hub__code", "organization_key")
    ]
    name = f"支援機関による評価_{year}年度"
    return sheet_file(request, kind=kind, name=name, header=header, rows=body)
