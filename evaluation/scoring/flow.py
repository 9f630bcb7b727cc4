"""States of an evaluation run, of a hub's part of the fact check, of remarks, of adjustments.

computed -> fact check by the hubs -> panel -> fixed (four eyes) -> published; a run gives way to
the one that corrects it or carries the panel's adjustments (superseded).
"""

import json
from typing import Any

from evaluation.evidence.standing_flags import undecided_flags
from evaluation.scoring.models import (
    YEARS_END,
    AdjustmentState,
    EvaluationRun,
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkKind,
    RemarkState,
    RunKind,
    RunState,
    Succession,
)
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

ASK, CLOSE_CHECK = "evaluation.scoring.ask_facts", "evaluation.scoring.close_facts"
FIX, PUBLISH = "evaluation.scoring.fix", "evaluation.scoring.publish"
DISCARD = "evaluation.scoring.discard"
CONFIRM = "evaluation.scoring.confirm_facts"
ACCEPT, REJECT = "evaluation.scoring.accept_remark", "evaluation.scoring.reject_remark"
NOTE, WITHDRAW = "evaluation.scoring.note_remark", "evaluation.scoring.withdraw_remark"
SECOND, DROP = "evaluation.scoring.second_adjustment", "evaluation.scoring.drop_adjustment"


def not_a_trial(run: Any, actor: Scope) -> list[Missing]:
    """A trial run is for looking only."""
    if run.kind != RunKind.TRIAL:
        return []
    return [Missing("試行の評価は確定できません。「暫定」または「確定」の種別で算定してください。")]


def is_of_the_years_end(run: Any, actor: Scope) -> list[Missing]:
    """The fact check belongs to the judgement of the year; a provisional cut may do without."""
    if run.kind in YEARS_END:
        return []
    text = f"「{run.get_kind_display()}」の評価では事実確認を行いません。"
    return [Missing(text)]


def was_checked(run: Any, actor: Scope) -> list[Missing]:
    """Only a provisional cut is fixed without the fact check."""
    if run.state != RunState.COMPUTED or run.kind == RunKind.PROVISIONAL:
        return []
    return [Missing("拠点による事実確認がまだです。", "run_ask", link_args=(run.pk,))]


def computers_of(run: EvaluationRun) -> set[int]:
    """Accounts that computed this run, or the one whose adjustments it carries."""
    people = {run.computed_by_id}
    while run.succession == Succession.ADJUSTMENT and run.supersedes is not None:
        run = run.supersedes
        people.add(run.computed_by_id)
    return {one for one in people if one is not None}


def second_person(run: Any, actor: Scope) -> list[Missing]:
    """Four eyes: who computed the run cannot fix it (reliability.md 0.1, ASVS 2.3.5)."""
    if actor.is_system or actor.user_id not in computers_of(run):
        return []
    return [Missing("算定した本人は確定できません。全国本部の別の担当者が確定してください。")]


def remarks_are_met(run: Any, actor: Scope) -> list[Missing]:
    """Every remark has an answer, and every accepted objection is in effect in a later run."""
    rows = FactRemark.objects.filter(check_part__run=run).select_related("hub")
    missing = []
    for row in rows.order_by("hub__code", "pk"):
        if row.state == RemarkState.OPEN:
            text = f"{row.hub.name}「{row.label}」への{row.get_kind_display()}に回答していません。"
            missing.append(Missing(text, "fact_remark", link_args=(row.pk,)))
        elif row.state == RemarkState.ACCEPTED and row.effect_run_id is None:
            text = f"{row.hub.name}「{row.label}」の訂正を反映した評価がまだありません。"
            missing.append(Missing(text, "fact_remark", link_args=(row.pk,)))
    return missing


def hubs_have_answered(run: Any, actor: Scope) -> list[Missing]:
    """Every hub has confirmed its facts, or its deadline has passed."""
    parts = FactCheck.objects.filter(run=run, state=FactCheckState.WAITING, due_at__gte=clock.now())
    return [
        Missing(f"{part.hub.name}が確認中です（期限前）。", "fact_check", link_args=(part.pk,))
        for part in parts.select_related("hub").order_by("hub__code")
    ]


def flags_are_decided(run: Any, actor: Scope) -> list[Missing]:
    """A flag needs a note by the hub and a decision before a run is fixed (evaluation.md 6)."""
    return [
        Missing(
            f"確認事項が終わっていません：{flag.text}",
            "integrity_detail" if flag.pk else None,
            link_args=(flag.pk,) if flag.pk else (),
        )
        for flag in undecided_flags(run.term)
    ]


def adjustments_are_settled(run: Any, actor: Scope) -> list[Missing]:
    """Nothing proposed waits for its second person, nothing confirmed is still uncounted."""
    missing = []
    for row in run.adjustments.select_related("hub").order_by("hub__code"):
        if row.state == AdjustmentState.PROPOSED:
            text = f"{row.hub.name}の調整の提案が承認されていません。"
            missing.append(Missing(text, "run_panel", link_args=(run.pk,)))
        elif row.state == AdjustmentState.CONFIRMED and row.applied_run_id is None:
            text = f"{row.hub.name}の承認された調整が評価に反映されていません。"
            missing.append(Missing(text, "run_panel", link_args=(run.pk,)))
    return missing


def line_of(run: EvaluationRun) -> list[int]:
    """This run and all whose place it takes, one after the other."""
    line = [run.pk]
    before = run.supersedes
    while before is not None:
        line.append(before.pk)
        before = before.supersedes
    return line


def is_the_only_one(run: Any, actor: Scope) -> list[Missing]:
    """One judgement of a year is on its way at a time; another one corrects it or waits."""
    under_way = [RunState.FACT_CHECK, RunState.PANEL, RunState.FIXED, RunState.PUBLISHED]
    others = EvaluationRun.objects.filter(term=run.term, kind__in=YEARS_END, state__in=under_way)
    other = others.exclude(pk__in=line_of(run)).order_by("number").last()
    if other is None:
        return []
    text = f"{other}が進んでいます。訂正するときは、いまの証拠台帳で算定し直してください。"
    return [Missing(text, "run_detail", link_args=(other.pk,))]


def no_later_one(run: Any, actor: Scope) -> list[Missing]:
    """A run that another one has been computed to correct waits for it."""
    later = EvaluationRun.objects.filter(supersedes=run).exclude(state=RunState.SUPERSEDED)
    if (one := later.order_by("number").last()) is None:
        return []
    text = f"この評価を訂正する{one}があります。そちらを進めるか、使わないことにしてください。"
    return [Missing(text, "run_detail", link_args=(one.pk,))]


def unanswered(run: Any) -> list[str]:
    """Hubs with checklist items nobody scored (0 points): such a run needs a reason to be fixed."""
    names = {row.hub.code: row.hub_name for row in run.hub_results.select_related("hub")}
    found = []
    for hub in json.loads(run.result)["hubs"]:
        lacking = [
            entry["code"]
            for component in hub["components"]
            if isinstance(component["detail"], list)
            for entry in component["detail"]
            if entry["status"] == "MISSING"
        ]
        if lacking:
            found.append(f"{names.get(hub['code'], hub['code'])}（{'、'.join(lacking)}）")
    return found


FLOW = Flow(
    "evaluation_run",
    "この評価",
    RunState,
    (
        arrow(
            ASK,
            "拠点に事実確認を依頼する",
            [RunState.COMPUTED],
            RunState.FACT_CHECK,
            is_of_the_years_end,
            no_later_one,
            is_the_only_one,
        ),
        arrow(
            CLOSE_CHECK,
            "事実確認を終えて審査に進む",
            [RunState.FACT_CHECK],
            RunState.PANEL,
            no_later_one,
            remarks_are_met,
            hubs_have_answered,
        ),
        arrow(
            FIX,
            "評価を確定する",
            [RunState.COMPUTED, RunState.PANEL],
            RunState.FIXED,
            not_a_trial,
            was_checked,
            no_later_one,
            second_person,
            adjustments_are_settled,
            flags_are_decided,
        ),
        arrow(
            DISCARD,
            "この算定を使わない",
            [RunState.COMPUTED],
            RunState.SUPERSEDED,
            needs_reason=True,
        ),
        arrow(
            PUBLISH,
            "全拠点に公表する",
            [RunState.FIXED],
            RunState.PUBLISHED,
            no_later_one,
        ),
    ),
    page="run_detail",
)


def run_is_open_for_facts(part: Any, actor: Scope) -> list[Missing]:
    """The hub speaks while the fact check of the run is open and its deadline not over."""
    if part.run.state != RunState.FACT_CHECK:
        return [Missing("この事実確認は終わっています。")]
    if clock.now() > part.due_at:
        return [Missing("回答の期限を過ぎています。全国本部に相談してください。")]
    return []


FACT_FLOW = Flow(
    "fact_check",
    "この事実確認",
    FactCheckState,
    (
        arrow(
            CONFIRM,
            "台帳の内容を確認したと回答する",
            [FactCheckState.WAITING],
            FactCheckState.CONFIRMED,
            run_is_open_for_facts,
        ),
    ),
    page="fact_check",
)


def is_an_objection(remark: Any, actor: Scope) -> list[Missing]:
    """Comments are taken note of; only objections are decided."""
    if remark.kind == RemarkKind.OBJECTION:
        return []
    return [Missing("意見には「承知」で回答します。")]


def is_a_comment(remark: Any, actor: Scope) -> list[Missing]:
    """An objection is decided, not merely taken note of."""
    if remark.kind == RemarkKind.COMMENT:
        return []
    return [Missing("異議には「認める」か「認めない」で回答します。")]


def its_run_stands(remark: Any, actor: Scope) -> list[Missing]:
    """Remarks are answered while the fact check of their run is open."""
    if remark.check_part.run.state == RunState.FACT_CHECK:
        return []
    return [Missing("この評価の事実確認は終わっています。")]


REMARK_FLOW = Flow(
    "fact_remark",
    "この意見・異議",
    RemarkState,
    (
        arrow(
            ACCEPT,
            "異議を認める",
            [RemarkState.OPEN],
            RemarkState.ACCEPTED,
            is_an_objection,
            its_run_stands,
            needs_reason=True,
        ),
        arrow(
            REJECT,
            "異議を認めない",
            [RemarkState.OPEN],
            RemarkState.REJECTED,
            is_an_objection,
            its_run_stands,
            needs_reason=True,
        ),
        arrow(
            NOTE,
            "意見を承知する",
            [RemarkState.OPEN],
            RemarkState.NOTED,
            is_a_comment,
            its_run_stands,
            needs_reason=True,
        ),
        arrow(
            WITHDRAW,
            "意見・異議を取り下げる",
            [RemarkState.OPEN],
            RemarkState.WITHDRAWN,
            its_run_stands,
        ),
    ),
    page="fact_remark",
)


def another_than_the_proposer(row: Any, actor: Scope) -> list[Missing]:
    """Two names: who proposed an adjustment does not confirm it (evaluation.md 2.7)."""
    if actor.is_system or row.proposed_by_id is None or row.proposed_by_id != actor.user_id:
        return []
    return [Missing("提案した本人は承認できません。全国本部の別の担当者が承認してください。")]


def its_run_is_before_the_panel(row: Any, actor: Scope) -> list[Missing]:
    """Adjustments belong to the panel's time."""
    if row.run.state == RunState.PANEL:
        return []
    return [Missing(f"この評価は「{row.run.get_state_display()}」のため、調整できません。")]


ADJUSTMENT_FLOW = Flow(
    "panel_adjustment",
    "この調整",
    AdjustmentState,
    (
        arrow(
            SECOND,
            "調整を承認する",
            [AdjustmentState.PROPOSED],
            AdjustmentState.CONFIRMED,
            its_run_is_before_the_panel,
            another_than_the_proposer,
        ),
        arrow(
            DROP,
            "調整の提案を取り下げる",
            [AdjustmentState.PROPOSED],
            AdjustmentState.WITHDRAWN,
            its_run_is_before_the_panel,
        ),
    ),
    page="run_panel",
    keys=lambda row: (row.run_id,),
)
