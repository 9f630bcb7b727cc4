"""Guidance as tables and pictures: the list, one case, the checkpoints, the effect."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from evaluation.guidance.models import (
    ActionState,
    CaseState,
    GuidanceAction,
    GuidanceCase,
    GuidanceCheckpoint,
)
from evaluation.guidance.queries import CasePage, Effect, Measure
from evaluation.guidance.queries.cases import last_checkpoint
from evaluation.guidance.rules import Method, Rate, Step, TriggerKind
from evaluation.guidance.rules.escalation import days_of
from yorozu.core import charts, clock
from yorozu.core.charts import Bar
from yorozu.core.figures import format_decimal, format_percent, format_yen
from yorozu.core.fiscal import nendo, wareki
from yorozu.core.web import tiles as screen_tiles
from yorozu.core.web.chips import Chip, Status, overdue
from yorozu.core.web.tables import Cell, Column, Empty, Table

CASE_CHIPS = {
    CaseState.OPENED: Chip(Status.OPENED),
    CaseState.PLANNING: Chip(Status.PLANNING),
    CaseState.AGREED: Chip(Status.AGREED),
    CaseState.RUNNING: Chip(Status.UNDERWAY),
    CaseState.REVIEW: Chip(Status.UNDER_REVIEW),
    CaseState.RELEASED: Chip(Status.RELEASED),
    CaseState.CONTINUED: Chip(Status.CONTINUED),
    CaseState.RAISED: Chip(Status.RAISED),
    CaseState.CANCELLED: Chip(Status.UNDONE),
    CaseState.WAIVED: Chip(Status.WAIVED),
}
ACTION_STATUS = {
    ActionState.OPEN: Status.NOT_STARTED,
    ActionState.REPORTED: Status.WAITING,
    ActionState.DONE: Status.FINISHED,
    ActionState.DROPPED: Status.CANCELLED,
}
SOON_DAYS = 7
HUNDRED = Decimal(100)
SPECIAL = (
    "チーフコーディネーターの更新を、この記録とともに審査委員会に付します。"
    "次年度の配分では、前年度からの減額の下限を全て用いることがあります。"
)
EMPTY = Empty(
    "重点指導の案件はありません。",
    "評価が公表されると、発動の条件に当てはまる拠点を全国本部が確かめ、案件を始めます。",
)
NO_MATCH = Empty(
    "条件に合う重点指導の案件はありません。",
    "上の状態や条件を変えると、ほかの案件を表示します。",
)


def case_chip(case: GuidanceCase) -> Chip:
    """State of a case in the words of the list."""
    return CASE_CHIPS[CaseState(case.state)]


def action_chip(action: GuidanceAction) -> Chip:
    """State of an action; late and near ones say by how many days."""
    left = (action.due - clock.today()).days
    if action.state == ActionState.OPEN and action.case.is_running:
        if left < 0:
            return overdue(-left)
        if left <= SOON_DAYS:
            return Chip(Status.DUE_SOON, "本日まで" if left == 0 else f"あと{left}日")
    return Chip(ACTION_STATUS[ActionState(action.state)])


def percent(value: Decimal | None) -> str:
    """A ratio as percent with one decimal; － when it cannot be said."""
    return format_percent(None if value is None else value * HUNDRED)


def case_table(cases: Iterable[Any], *, with_hub: bool, is_narrowed: bool = False) -> Table:
    """The list; the hub's side has one hub and reads the year first."""
    hub = [Column("hub", "拠点", header=True, sort=True)] if with_hub else []
    return Table(
        caption="重点指導の案件",
        columns=[
            *hub,
            Column("year", "指導年度", header=not with_hub),
            Column("level", "段階", sort=True),
            Column("state", "状態"),
            Column("reasons", "発動の理由"),
            Column("actions", "取組", numeric=True),
            Column("share", "取組の完了率", numeric=True),
            Column("rate", "進み具合", numeric=True),
            Column("next", "次の期日", css="yz-nowrap"),
        ],
        rows=[_case_row(case, with_hub=with_hub) for case in cases],
        empty=NO_MATCH if is_narrowed else EMPTY,
        sticky=with_hub,
    )


def _case_row(case: Any, *, with_hub: bool) -> dict[str, Any]:
    url = reverse("guidance_detail", args=[case.pk])
    year, last = nendo(case.fiscal_year), last_checkpoint(case)
    late = f"▲ {case.late_count}件が期限超過" if case.late_count and case.is_running else ""
    return {
        "hub": Cell(case.hub.name, url=url, note=case.hub.bureau.name, sort_key=case.hub.code),
        "year": year if with_hub else Cell(year, url=url),
        "level": case.level_label,
        "state": case_chip(case),
        "reasons": short_reasons(case),
        "actions": Cell(f"{case.done_count}/{case.action_count}", note=late),
        "share": percent(last.share) if last else None,
        "rate": percent(last.rate) if last else None,
        "next": _next_day(case, last),
    }


def _next_day(case: Any, last: GuidanceCheckpoint | None) -> Cell | None:
    if case.is_planning:
        return Cell(case.plan_due, note="計画の期限")
    if case.is_running and last is not None and last.next_on is not None:
        return Cell(last.next_on, note="次の点検")
    return None


KIND_WORDS = {kind.code: kind.label for kind in TriggerKind}


def short_reasons(case: GuidanceCase) -> str:
    """The kinds of triggers in few words, each once."""
    kinds = dict.fromkeys(KIND_WORDS[row["kind"]] for row in case.read["triggers"])
    return "、".join(kinds) or "基準と異なる判断"


LEGEND = [(3, "3 特別指導"), (2, "2 重点指導"), (1, "1 助言"), (0, "進行中の案件なし")]


def tiles(cases: Iterable[GuidanceCase]) -> list[screen_tiles.ScreenTile]:
    """Level of the case in force of each hub on the map; all 47 hubs stand there."""
    values, urls = {}, {}
    for case in cases:
        if case.is_open:
            text = f"{case.level} {case.get_state_display()}"
            values[case.hub.code] = charts.Tile(text, case.level)
            urls[case.hub.code] = reverse("guidance_detail", args=[case.pk])
    return screen_tiles.rows(values, urls)


def trigger_table(case: GuidanceCase) -> Table:
    """Why the case was opened, as it was kept."""
    return Table(
        caption="発動の理由（発動時の記録）",
        columns=[
            Column("kind", "条件", header=True, css="rp-c-34"),
            Column("sentence", "数値"),
        ],
        rows=[
            {"kind": KIND_WORDS[row["kind"]], "sentence": row["sentence"]}
            for row in case.read["triggers"]
        ],
        empty=Empty("基準による条件には当てはまりません。", case.origin_reason),
    )


def action_table(actions: Sequence[GuidanceAction], *, on_paper: bool = False) -> Table:
    """The actions of the plan."""
    state = [] if on_paper else [Column("state", "状態"), Column("shown", "資料", numeric=True)]
    return Table(
        caption="取組",
        columns=[
            Column("text", "取組", header=True),
            Column("who", "担当", css="rp-c-24"),
            Column("due", "期限", css="rp-c-24 yz-nowrap"),
            *state,
            Column("evidence", "完了を示す資料", css="rp-c-28"),
            Column("link", "対応する項目と目標", css="rp-c-38"),
        ],
        rows=[_action_row(action, on_paper=on_paper) for action in actions],
        empty=Empty("取組はまだありません。", "計画の作成で、全国本部か経済産業局が追加します。"),
        # A long table of the paper may go on overleaf.
        sticky=on_paper,
    )


def _action_row(action: Any, *, on_paper: bool) -> dict[str, Any]:
    serious = "重要な取組" if action.is_serious else ""
    text = f"{action.number}. {action.text}"
    url = "" if on_paper else reverse("guidance_action", args=[action.pk])
    return {
        "text": Cell(text, url=url, note=serious),
        "who": action.who,
        "due": action.due,
        "state": action_chip(action),
        "shown": getattr(action, "shown", 0),
        "evidence": action.evidence_rule,
        "link": Cell(action.link_label or None, note=action.target),
    }


def rate_table(rates: Sequence[Rate]) -> Table:
    """Run-rates of the watched items: actual to date beside what the target asks."""
    return Table(
        caption="評価で弱かった項目の進み具合",
        columns=[
            Column("label", "項目", header=True),
            Column("months", "確認済の月", numeric=True, unit="か月"),
            Column("actual", "実績の計", numeric=True),
            Column("expected", "同じ月までの目標", numeric=True),
            Column("rate", "進み具合", numeric=True),
        ],
        rows=[
            {
                "label": Cell(rate.label, note=rate.unit),
                "months": rate.months,
                "actual": rate.actual,
                "expected": rate.expected,
                "rate": percent(rate.rate),
            }
            for rate in rates
        ],
        empty=Empty("測る項目がまだありません。"),
    )


def rate_chart(rates: Sequence[Rate], method: Method) -> SafeString:
    """The same as bars; the upright line is the rate of the exit rule."""
    mark = method.exit_rate * HUNDRED
    bars = [
        Bar(
            rate.label,
            None if rate.rate is None else rate.rate * HUNDRED,
            text=percent(rate.rate),
            mark=mark,
        )
        for rate in rates
    ]
    return charts.bar("評価で弱かった項目の進み具合", bars, unit="%", top=HUNDRED)


def measure_facts(found: Measure) -> list[dict[str, str]]:
    """What a checkpoint of today would record."""
    return [
        {"label": "期限の来た取組", "value": f"{found.due}件"},
        {"label": "うち完了", "value": f"{found.done}件"},
        {"label": "取組の完了率", "value": percent(found.share)},
        {"label": "進み具合（平均）", "value": percent(found.rate)},
    ]


def checkpoint_table(rows: Sequence[GuidanceCheckpoint]) -> Table:
    """Checkpoints in the order of time."""
    return Table(
        caption="訪問と点検の記録",
        columns=[
            Column("number", "回", header=True, css="rp-c-24"),
            Column("held_on", "実施日", css="rp-c-24 yz-nowrap"),
            Column("share", "取組の完了率", numeric=True, css="rp-c-24"),
            Column("rate", "進み具合", numeric=True, css="rp-c-20"),
            Column("sit_in", "同席の評点", numeric=True, css="rp-c-20"),
            Column("meets", "解除の条件", css="rp-c-20"),
            Column("findings", "所見"),
        ],
        rows=[_checkpoint_row(row) for row in rows],
        empty=Empty(
            "訪問と点検の記録はまだありません。",
            "実施が始まると、毎月の訪問と四半期ごとの点検を記録します。",
        ),
    )


def _checkpoint_row(row: GuidanceCheckpoint) -> dict[str, Any]:
    sit_in = None
    if row.sit_in_score is not None:
        sit_in = Cell(format_decimal(row.sit_in_score, 2), note=f"{row.sit_ins}件")
    counted = f"{row.done_actions}/{row.due_actions}件"
    return {
        "number": Cell(f"第{row.number}回", note=row.get_kind_display()),
        "held_on": row.held_on,
        "share": Cell(percent(row.share), note=counted),
        "rate": percent(row.rate),
        "sit_in": sit_in,
        "meets": "満たす" if row.meets else "満たさない",
        "findings": Cell(row.findings, note=row.by_name),
    }


def history_table(page: CasePage) -> Table:
    """Everything that was done, the newest first."""
    return Table(
        caption="経過",
        columns=[
            Column("at", "日時", header=True),
            Column("label", "行ったこと"),
            Column("who", "行った人"),
            Column("reason", "理由・内容"),
        ],
        rows=[
            {
                "at": event.at,
                "label": Cell(event.label, note=event.what),
                "who": event.who,
                "reason": event.reason,
            }
            for event in page.events
        ],
    )


def head_facts(case: GuidanceCase) -> list[dict[str, str]]:
    """What a case is, for the head of its page and paper."""
    facts = case.read
    score = "評語なし" if facts["final"] is None else f"{facts['final']}点"
    grade = f"　評語{facts['grade']}" if facts["grade"] else ""
    rows = [
        ("指導年度", nendo(case.fiscal_year)),
        ("発動のもとになった評価", f"{case.run}　{score}{grade}"),
        ("段階", case.level_label),
        ("発動", f"{_day(case)}　{case.opened_by_name}"),
    ]
    if case.previous_id is not None:
        rows.append(("前の案件", str(case.previous)))
    if case.origin_reason:
        rows.append(("基準と異なる判断・引継ぎの理由", case.origin_reason))
    if case.renewal_referred:
        rows.append(
            (
                "特別指導の扱い",
                SPECIAL,
            )
        )
    return [{"label": label, "value": value} for label, value in rows]


def _day(case: GuidanceCase) -> str:
    return wareki(case.opened_at.astimezone(clock.now().tzinfo).date())


def support_facts(case: GuidanceCase) -> list[dict[str, str]]:
    """Who and what supports the hub."""
    rows = [
        ("担当プロジェクトマネージャー", case.project_manager or "（未定）"),
        ("サポーター", case.supporter or "（なし）"),
        ("研修の受講枠", f"{case.training_seats}人"),
        ("留保からの支援額", format_yen(case.support_yen)),
        ("支援の内容", case.support_note or "（記載なし）"),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def steps_of(case: GuidanceCase) -> list[dict[str, Any]]:
    """発動 to the end as a bar of steps."""
    way = [
        CaseState.OPENED,
        CaseState.PLANNING,
        CaseState.AGREED,
        CaseState.RUNNING,
        CaseState.REVIEW,
    ]
    state = CaseState(case.state)
    place = way.index(state) if state in way else len(way)
    rows = [
        {
            "label": one.label,
            "url": "",
            "state": "いまここ" if one == state else "",
            "done": number < place,
            "current": one == state,
        }
        for number, one in enumerate(way)
    ]
    ended = state not in way
    label = state.label if ended else "解除・継続・引上げ"
    rows.append(
        {
            "label": label,
            "url": "",
            "state": "終了" if ended else "",
            "done": False,
            "current": ended,
        }
    )
    return rows


def effect_table(effect: Effect) -> Table:
    """Guided hubs beside similar ones without guidance."""
    summary = effect.summary
    return Table(
        caption="指導した拠点の点数の変化と、似た拠点との比較",
        columns=[
            Column("hub", "拠点", header=True),
            Column("level", "段階"),
            Column("grade", "前の評語"),
            Column("before", nendo(effect.before.term.fiscal_year), numeric=True, unit="点"),
            Column("after", nendo(effect.after.term.fiscal_year), numeric=True, unit="点"),
            Column("change", "変化", numeric=True, unit="点"),
            Column("peers", "似た拠点", numeric=True, unit="拠点"),
            Column("peer_change", "似た拠点の変化", numeric=True, unit="点"),
            Column("difference", "差", numeric=True, unit="点"),
        ],
        rows=[
            {
                "hub": line.hub.name,
                "level": str(line.hub.level),
                "grade": line.hub.grade,
                "before": line.hub.before,
                "after": line.hub.after,
                "change": line.hub.change,
                "peers": line.peers,
                "peer_change": line.peer_change,
                "difference": line.difference,
            }
            for line in effect.lines
        ],
        totals={
            "hub": f"平均（{summary.guided}拠点、うち比較できる{summary.compared}拠点）",
            "change": summary.mean_change,
            "difference": summary.mean_difference,
        }
        if effect.lines
        else None,
        empty=Empty(
            "この2つの期の間に、指導した拠点はありません。",
            "両方の期に評語があり、前の期の評価から指導した拠点を表示します。",
        ),
    )


def method_table(method: Method) -> Table:
    """The thresholds in words."""
    late = "、".join(f"{step.label} {days_of(step, method)}日後" for step in Step)
    ends = (
        f"続けて{method.exit_checkpoints}回の四半期の点検で、期限の来た取組の"
        f"{percent(method.exit_share)}以上が完了し、進み具合が{percent(method.exit_rate)}以上"
    )
    rate = (
        f"得点が{method.standard}点未満の活動指標と重点分野について、確認済の月の実績÷"
        "同じ月までの目標の平均（1項目は100%まで）"
    )
    rows = [
        ("発動", "評語が最も低い（D）", "段階2"),
        ("発動", "評語Cで、前の期もCかDであった", "段階2"),
        ("発動", "評価基準の下限（既定40点）を下回る評価区分がある", "段階1"),
        ("発動", f"同じ評価基準の前の期から{method.fall}点以上下がった", "段階1"),
        (
            "発動",
            f"総合点がCの下限を下回る確率が{method.chance}以上（区間を計算した評価）",
            "段階1",
        ),
        ("発動", "実績についての指摘が解消されていない", "段階1"),
        ("段階", "段階2の条件に2期続けて当てはまる", "段階3"),
        ("計画", f"発動から{method.plan_days}日以内に、拠点と経済産業局が合意する", ""),
        ("取組", f"期限を過ぎた取組を知らせる：{late}", ""),
        (
            "解除",
            ends,
            "解除",
        ),
        ("解除", "上に当てはまらないときは、次の評価で解除・継続・引上げを決める", ""),
        (
            "進み具合",
            rate,
            "",
        ),
        (
            "効果",
            f"前の期の評語が同じで、点数の差が{method.band}点以内の、指導のない拠点と比べる",
            "",
        ),
    ]
    return Table(
        caption=f"重点指導の基準（第{method.edition}版）",
        columns=[
            Column("part", "区分", header=True),
            Column("rule", "内容"),
            Column("then", "段階・結論"),
        ],
        rows=[{"part": part, "rule": rule, "then": then} for part, rule, then in rows],
    )


def agreed_facts(case: GuidanceCase) -> list[dict[str, str]]:
    """Who has agreed and when."""
    found = []
    for label, at, name in (
        ("拠点の合意", case.hub_agreed_at, case.hub_agreed_by),
        ("経済産業局の合意", case.bureau_agreed_at, case.bureau_agreed_by),
    ):
        day = "" if at is None else wareki(at.astimezone(clock.now().tzinfo).date())
        found.append({"label": label, "value": f"{day}　{name}" if day else "まだ合意していません"})
    return found


def due_first(case: GuidanceCase) -> str:
    """A day two months ahead, for a new action's form."""
    day = max(clock.today(), case.plan_due) + timedelta(days=60)
    return day.isoformat()
