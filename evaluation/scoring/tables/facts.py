"""The fact check on the screen: the matrix of hubs, the facts of one, remarks and what follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from evaluation.scoring.models import (
    EvaluationRun,
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkState,
    RunState,
)
from evaluation.scoring.queries import PartLine, by_cell, checked_run, visible_remarks
from evaluation.scoring.rules.facts import GROUPS, RESULTS, Fact
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, decide
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

REMARK_CHIPS = {
    RemarkState.OPEN: Chip(Status.UNANSWERED, "回答待ち"),
    RemarkState.ACCEPTED: Chip(Status.APPROVED, "認める"),
    RemarkState.REJECTED: Chip(Status.NOT_APPROVED, "認めない"),
    RemarkState.NOTED: Chip(Status.ANSWERED, "承知"),
    RemarkState.WITHDRAWN: Chip(Status.WITHDRAWN),
}


def moment(at: datetime) -> str:
    """令和8年5月14日（木）17:00."""
    local = timezone.localtime(at)
    return f"{fiscal.wareki(local.date())}（{fiscal.weekday_of(local.date())}）{local:%H:%M}"


def ask_lead(run: EvaluationRun, due: datetime) -> str:
    """What will happen when the hubs are asked."""
    text = (
        "全拠点に、証拠台帳の数値の確認を依頼します。拠点には、台帳の数値とそれによる自拠点の"
        "総合点を示し、順位と他の拠点の結果は示しません。"
        f"回答の期限は10営業日後の{moment(due)}です。"
    )
    if run.supersedes is None:
        return text
    return (
        f"{text}{run.supersedes}を引き継ぎます。証拠台帳が変わらない拠点の回答と期限は、"
        "そのまま引き継がれ、変わった拠点にだけあらためて確認を依頼します。"
    )


def asked_words(parts: Iterable[FactCheck]) -> str:
    """What has just been done: hubs whose book is unchanged are not asked again."""
    rows = list(parts)
    anew = sum(part.carried_from_id is None for part in rows)
    if anew == len(rows):
        return "全拠点に事実確認を依頼しました。各拠点に通知を送りました。"
    if not anew:
        return "証拠台帳が変わっていないため、全拠点の回答を前の評価から引き継ぎました。"
    return (
        f"{anew}拠点に事実確認を依頼し、通知を送りました。"
        "ほかの拠点の回答は、前の評価から引き継ぎました。"
    )


def is_open(part: FactCheck) -> bool:
    """Whether the hub may still speak."""
    return (
        part.state == FactCheckState.WAITING
        and part.run.state == RunState.FACT_CHECK
        and clock.now() <= part.due_at
    )


def part_chip(part: FactCheck) -> Chip:
    """Where a hub stands."""
    if part.state == FactCheckState.CONFIRMED:
        return Chip(Status.ACCEPTED)
    if part.state == FactCheckState.SILENT:
        return Chip(Status.EXCLUDED, "期限までに回答なし")
    if clock.now() > part.due_at:
        return Chip(Status.OVERDUE)
    return Chip(Status.WAITING)


def part_counts(lines: Sequence[PartLine]) -> list[dict[str, Any]]:
    """The head of the matrix."""
    states = [line.part.state for line in lines]
    waiting = sum(state == FactCheckState.WAITING for state in states)
    return [
        {"label": "確認済", "value": f"{states.count(FactCheckState.CONFIRMED)}拠点"},
        {"label": "確認待ち", "value": f"{waiting}拠点"},
        {"label": "回答なし", "value": f"{states.count(FactCheckState.SILENT)}拠点"},
        {"label": "回答していない意見・異議", "value": f"{sum(line.open for line in lines)}件"},
    ]


def parts(lines: Sequence[PartLine]) -> Table:
    """A row per hub."""
    return Table(
        caption=f"拠点別の事実確認（{len(lines)}拠点）",
        columns=[
            Column("hub", "拠点", header=True, sort=True),
            Column("state", "状態", sort=True),
            Column("open", "回答待ち", numeric=True, unit="件", sort=True),
            Column("due", "回答期限", sort=True),
            Column("answered", "回答日時", sort=True),
            Column("accepted", "認めた異議", numeric=True, unit="件", sort=True),
            Column("rejected", "認めない異議", numeric=True, unit="件", sort=True),
            Column("comments", "意見", numeric=True, unit="件", sort=True),
            Column("by", "回答した人"),
        ],
        rows=[_part_row(line) for line in lines],
        empty=Empty(
            "まだ事実確認を依頼していません。",
            "全国本部が依頼すると、各拠点の回答がここに並びます。",
        ),
        sticky=True,
    )


def _part_row(line: PartLine) -> dict[str, Any]:
    part = line.part
    note = "前の評価から引継ぎ" if part.carried_from_id else ""
    return {
        "hub": Cell(
            part.hub.name,
            reverse("fact_check", args=[part.pk]),
            note=note,
            sort_key=part.hub.code,
        ),
        "state": part_chip(part),
        "due": part.due_at,
        "answered": part.answered_at,
        "by": part.answered_by_name,
        "open": line.open,
        "accepted": line.accepted,
        "rejected": line.rejected,
        "comments": line.comments,
    }


def remarks_of_run(run: EvaluationRun, scope: Scope) -> Table:
    """All remarks of the scope's hubs on one run, those that wait first."""
    rows = visible_remarks(scope).filter(check_part__run=checked_run(run))
    ordered = sorted(rows, key=lambda row: (row.state != RemarkState.OPEN, row.hub.code, row.pk))
    columns = [
        Column("hub", "拠点", header=True),
        Column("kind", "区分"),
        Column("label", "項目"),
        Column("shown", "台帳の値"),
        Column("proposed", "拠点の主張"),
        Column("at", "提出日時"),
        Column("state", "回答"),
    ]
    table_rows = [
        {
            "hub": row.hub.name,
            "kind": row.get_kind_display(),
            "label": Cell(row.label, reverse("fact_remark", args=[row.pk])),
            "shown": row.shown,
            "proposed": row.proposed,
            "at": row.made_at,
            "state": remark_chip(row),
        }
        for row in ordered
    ]
    return Table(
        "意見・異議", columns, table_rows, empty=Empty("この評価への意見・異議はありません。")
    )


def remark_chip(remark: FactRemark) -> Chip:
    """Where a remark stands, and whether an accepted one is in effect."""
    chip = REMARK_CHIPS[RemarkState(remark.state)]
    if remark.state != RemarkState.ACCEPTED:
        return chip
    run = remark.effect_run
    return Chip(chip.status, f"第{run.number}回の評価に反映" if run else "訂正の反映待ち")


def remark_list(remarks: Sequence[FactRemark]) -> Table:
    """A hub's remarks of the year."""
    columns = [
        Column("label", "項目", header=True),
        Column("kind", "区分"),
        Column("run", "評価"),
        Column("at", "提出日時"),
        Column("by", "提出者"),
        Column("state", "回答"),
    ]
    rows = [
        {
            "label": Cell(row.label, reverse("fact_remark", args=[row.pk])),
            "kind": row.get_kind_display(),
            "run": f"第{row.check_part.run.number}回",
            "at": row.made_at,
            "by": row.made_by_name,
            "state": remark_chip(row),
        }
        for row in remarks
    ]
    empty = Empty("提出した意見・異議はありません。")
    return Table("提出した意見・異議", columns, rows, empty=empty)


@dataclass(frozen=True)
class FactGroup:
    """One section of a hub's facts."""

    code: str
    title: str
    table: Table


def group_name(fact: Fact) -> str:
    """The heading under which a fact stands."""
    return GROUPS[fact.group]


def fact_groups(
    part: FactCheck, facts: Sequence[Fact], remarks: Sequence[FactRemark], *, may_say: bool
) -> list[FactGroup]:
    """The facts by section; months as a grid, everything else as a list."""
    said = by_cell([row for row in remarks if row.check_part_id == part.pk])
    groups = []
    for code, title in GROUPS.items():
        mine = [fact for fact in facts if fact.group == code]
        if mine:
            table = _grid if code == RESULTS else _list
            groups.append(FactGroup(code, title, table(part, title, mine, said, may_say)))
    return groups


def _say_url(part: FactCheck, fact: Fact) -> str:
    return f"{reverse('fact_remark_new', args=[part.pk])}?{urlencode({'cell': fact.path})}"


def _words(rows: Iterable[FactRemark]) -> str:
    return "、".join(f"{row.get_kind_display()}（{row.get_state_display()}）" for row in rows)


def _list(
    part: FactCheck,
    title: str,
    facts: Sequence[Fact],
    said: Mapping[str, Sequence[FactRemark]],
    may_say: bool,
) -> Table:
    columns = [
        Column("label", "項目", header=True),
        Column("shown", "台帳の値", numeric=True),
        Column("said", "意見・異議"),
        Column("note", "備考"),
    ]
    rows = []
    for fact in facts:
        mine = said.get(fact.path, ())
        cell: Any = Cell(_words(mine), reverse("fact_remark", args=[mine[-1].pk])) if mine else ""
        if not mine and may_say:
            cell = Cell("意見・異議を出す", _say_url(part, fact))
        rows.append({"label": fact.label, "shown": fact.shown, "note": fact.note, "said": cell})
    return Table(title, columns, rows)


def _grid(
    part: FactCheck,
    title: str,
    facts: Sequence[Fact],
    said: Mapping[str, Sequence[FactRemark]],
    may_say: bool,
) -> Table:
    """Months down, indicators across; a figure leads to its remark, or to making one."""
    names = list(dict.fromkeys(fact.series for fact in facts))
    found = {(fact.month, fact.series): fact for fact in facts}
    columns = [Column("month", "月", header=True)]
    units = {fact.series: fact.unit for fact in facts if fact.unit}
    columns += [Column(name, name, numeric=True, unit=units.get(name, "")) for name in names]
    rows = []
    for month in sorted({fact.month for fact in facts}):
        row: dict[str, Any] = {"month": fiscal.wareki_month(date.fromisoformat(f"{month}-01"))}
        for name in names:
            fact = found.get((month, name))
            if fact is None:
                continue
            mine = said.get(fact.path, ())
            url = reverse("fact_remark", args=[mine[-1].pk]) if mine else ""
            if not mine and may_say:
                url = _say_url(part, fact)
            row[name] = Cell(fact.shown, url, note=_words(mine) or fact.note)
        rows.append(row)
    return Table(title, columns, rows)


def effect_words(remark: FactRemark, after: Fact | None) -> str:
    """What an accepted objection has changed at its own cell; a book may have changed elsewhere."""
    run = remark.effect_run
    if run is None:
        return ""
    said = f"訂正後の証拠台帳による第{run.number}回の評価に反映しました。"
    if after is None:
        return f"{said}この項目は、訂正後の証拠台帳にはありません。"
    old, new = remark.shown or "空欄", after.said or "空欄"
    if old != new:
        return f"{said}この項目の値は、{old}から{new}になりました。"
    return (
        f"第{run.number}回の評価までに証拠台帳は凍結し直されましたが、"
        f"この項目の値は{old}のままです。回答の内容と照らして確かめてください。"
    )


def correction_steps(remark: FactRemark, scope: Scope) -> list[dict[str, str]]:
    """What has to be done after an objection was accepted, step by step, with the pages."""
    if remark.state != RemarkState.ACCEPTED or remark.effect_run_id is not None:
        return []
    if not decide(scope, "evaluation.scoring.accept_remark").allowed:
        return []
    year, code = remark.check_part.run.term.fiscal_year, remark.hub.code
    book = remark.check_part.evidence_book
    source = {
        "survey": reverse("survey_hub", args=[year, code]),
        "partners": reverse("survey_hub", args=[year, code]),
        "hearing": reverse("hearing_hub", args=[year, code]),
        "contracts": reverse("hub_detail", args=[code]),
        "coordinators": reverse("hub_detail", args=[code]),
        "figures": reverse("hub_detail", args=[code]),
        "results": reverse("results_grid", args=[remark.check_part.run.term_id, remark.hub_id]),
        "focus_results": reverse(
            "results_grid", args=[remark.check_part.run.term_id, remark.hub_id]
        ),
        "targets": reverse("plan_list", args=[remark.check_part.run.term_id]),
        "focus": reverse("plan_list", args=[remark.check_part.run.term_id]),
    }.get(remark.cell.split("/", 1)[0], "")
    return [
        {"text": "もとの記録を訂正する", "url": source},
        {
            "text": "この拠点の証拠台帳を凍結し直す",
            "url": reverse("evidence_book", args=[book.pk]) if book else "",
        },
        {"text": "評価を算定し直し、事実確認を引き継ぐ", "url": reverse("run_list")},
    ]
