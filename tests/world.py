"""One small, complete world: three hubs, four terms, every state, canaries in free texts.

Built through operations and uploads on top of the facts and the cast, at one fixed moment, so that
two builds are alike. Where a year would need hundreds of equal steps (the months of a judged year)
the rows are written in bulk in the shape the operations leave behind.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

import yorozu.celery  # noqa: F401 (the eager test app instead of the default one)
from evaluation.budget.models import BudgetScenario
from evaluation.budget.operations import adopt_scenario, keep_rule, store_scenario
from evaluation.budget.operations import build_snapshot as budget_snapshot
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import freeze_book
from evaluation.guidance import operations as guidance
from evaluation.guidance.models import CheckpointKind, GuidanceCase
from evaluation.guidance.operations import ActionValues, CheckpointValues, PlanValues
from evaluation.guidance.operations.acting import Attached
from evaluation.hearings.queries import checklist_of
from evaluation.scoring.analysis import operations as analyses
from evaluation.scoring.models import (
    AdjustmentState,
    EvaluationRun,
    FactRemark,
    PanelAdjustment,
    RemarkKind,
    RunKind,
)
from evaluation.scoring.operations import (
    Evidence,
    RunInput,
    Said,
    adopt_scheme,
    ask_facts,
    build_snapshot,
    close_facts,
    confirm_facts,
    fix_run,
    publish_run,
    reject_remark,
    remark_on_fact,
    store_run,
)
from evaluation.surveys.forms import STANDARD
from evaluation.surveys.models import (
    ExclusionKind,
    PartnerExclusion,
    Questionnaire,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
)
from evaluation.surveys.operations import (
    Given,
    LettersWanted,
    Mode,
    Printed,
    WavePlan,
    chosen,
    close_wave,
    create_wave,
    draw_wave,
    exclude_partner,
    give_answer,
    keep_links,
    make_questionnaire,
    open_wave,
)
from evaluation.surveys.queries import LETTERS_JOB as LETTERS
from evaluation.surveys.queries import PLACE as BUNDLE
from hubs.integrity.models import FlagDecision, FlagNote, FlagState, IntegrityFlag, Outcome
from hubs.ledger.models import IndividualConsultation, NetworkActivity, SampleDraw
from hubs.ledger.operations import (
    correct_consultation,
    draw_sample,
    enter_activity,
    enter_consultation,
)
from hubs.ledger.queries import ActivityValues
from hubs.ledger.rules import RecordValues
from hubs.network.models import Hub, HubSite, RegionalFigure
from hubs.network.operations import ContractTerms, set_commission_contract
from hubs.partners.models import SupportOrganization
from hubs.partners.operations import register_organization, tie_organization
from hubs.plans.models import Plan, PlanAmendment
from hubs.plans.operations import (
    finalize_plan,
    open_amendment,
    open_plan,
    record_interview,
    return_plan,
    save_plan,
    submit_plan,
)
from hubs.plans.rules.talk import Attendee, InterviewRecord
from hubs.results.models import (
    MonthlyReport,
    MonthlyResult,
    ReportState,
    ResultCorrection,
    ValueState,
)
from hubs.results.operations import (
    Wanted,
    accept_correction,
    accept_month,
    confirm_correction,
    confirm_month,
    enter_month,
    request_correction,
    return_month,
    submit_month,
)
from hubs.terms.models import ActivityPolicy, Term
from hubs.terms.operations import (
    begin_change,
    close_term,
    draft_policy,
    open_term,
    prepare_term,
    register_rules,
    set_change_part,
    sign_change,
    sign_policy,
)
from hubs.terms.parts import find
from tests.cast import Actor, Cast
from tests.world_hearings import Hearings, build_hearings
from yorozu.core import clock
from yorozu.core.access import Scope, system_scope
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.fiscal import months_of
from yorozu.core.imports import kinds
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.operations import start_apply, undo, upload
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.operations import claim, enqueue, finish
from yorozu.core.notices.models import Notice

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
CODES = ("13", "14", "04")
BODY_14 = "配役の実施機関14"
SYSTEM = system_scope("世界の準備")


def canary(code: str) -> str:
    """The word that stands in every free text of one hub and nowhere else."""
    return f"機密XQ{code}"


@contextmanager
def fixed_clock() -> Iterator[None]:
    """The portal's clock stands still at NOW (model defaults keep the real one)."""
    with patch.object(clock, "now", lambda: NOW):
        yield


@dataclass
class World:
    """Everything that stands, by name."""

    cast: Cast
    hubs: dict[str, Hub] = field(default_factory=dict)
    terms: dict[int, Term] = field(default_factory=dict)
    preparing: Term | None = None
    policies: dict[str, ActivityPolicy] = field(default_factory=dict)
    plans: dict[tuple[str, int], Plan] = field(default_factory=dict)
    amendments: dict[str, PlanAmendment] = field(default_factory=dict)
    months: dict[tuple[str, date], MonthlyReport] = field(default_factory=dict)
    records: dict[tuple[str, str], IndividualConsultation] = field(default_factory=dict)
    partners: dict[str, SupportOrganization] = field(default_factory=dict)
    activities: dict[str, NetworkActivity] = field(default_factory=dict)
    corrections: dict[tuple[str, str], ResultCorrection] = field(default_factory=dict)
    draws: dict[str, SampleDraw] = field(default_factory=dict)
    books: dict[tuple[str, int], EvidenceBook] = field(default_factory=dict)
    runs: dict[str, EvaluationRun] = field(default_factory=dict)
    remarks: dict[str, FactRemark] = field(default_factory=dict)
    adjustments: dict[str, PanelAdjustment] = field(default_factory=dict)
    scenarios: dict[str, BudgetScenario] = field(default_factory=dict)
    batches: dict[str, ImportBatch] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    flags: dict[str, IntegrityFlag] = field(default_factory=dict)
    panels: Hearings = field(default_factory=Hearings)
    cases: dict[str, GuidanceCase] = field(default_factory=dict)
    questionnaires: dict[str, Questionnaire] = field(default_factory=dict)
    waves: dict[str, SurveyWave] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    exclusion: PartnerExclusion | None = None

    def notice_of(self, actor: Actor) -> Notice | None:
        """The newest notice of an actor."""
        return Notice.objects.filter(user=actor.user).first()


def make_world(cast: Cast) -> World:
    """Build everything; call inside ``fixed_clock``."""
    world = World(cast, hubs={hub.code: hub for hub in Hub.objects.filter(code__in=CODES)})
    _network(world)
    _terms(world)
    _people(world)
    for code in CODES:
        _plans(world, code)
        _judged_months(world, code)
        _running_months(world, code)
        _ledger(world, code)
        _corrections(world, code)
    _opinions(world)
    world.panels = build_hearings(world, {code: canary(code) for code in CODES})
    _judgement(world)
    _budget(world)
    _batches(world)
    _jobs(world)
    _flags(world)
    _guidance(world)
    _waves(world)
    for months in MonthlyReport.objects.filter(hub__code__in=CODES).select_related("hub"):
        world.months[months.hub.code, months.month] = months
    world.plans = {key: Plan.objects.get(pk=plan.pk) for key, plan in world.plans.items()}
    return world


def chief(world: World, code: str) -> Scope:
    """The chief coordinator of a hub."""
    return world.cast.actors[{"13": "cc_tokyo", "14": "cc_kanagawa", "04": "cc_miyagi"}[code]].scope


def bureau(world: World, code: str) -> Scope:
    """The bureau officer of a hub."""
    return world.cast.actors["bureau_tohoku" if code == "04" else "bureau_kanto"].scope


def body(world: World, code: str) -> Scope:
    """Who confirms a month: the implementing body; nobody of the cast works for Kanagawa's."""
    actors = {"13": "body_tokyo", "04": "body_miyagi"}
    return world.cast.actors[actors[code]].scope if code in actors else SYSTEM


def _network(world: World) -> None:
    for year in (2025, 2026):
        set_commission_contract(
            world.cast.hq.scope,
            hub=world.hubs["14"],
            fiscal_year=year,
            terms=ContractTerms(
                BODY_14, 48_000_000, date(year, 4, 1), date(year + 1, 3, 31), document_number="14-1"
            ),
        )
    figures = {"13": (411_600, 2194), "14": (187_400, 2416), "04": (68_000, 7282)}
    for code, (smes, area) in figures.items():
        for kind, value, unit in (("smes", smes, "者"), ("area", area, "km2")):
            RegionalFigure.objects.create(
                hub=world.hubs[code], code=kind, year=2021, value=value, unit=unit, source="試験"
            )
        HubSite.objects.create(
            hub=world.hubs[code],
            name=f"{canary(code)}サテライト",
            municipality="中央",
            opened_on=date(2021, 4, 1),
        )


def _terms(world: World) -> None:
    hq, agency = world.cast.hq.scope, world.cast.agency.scope
    for year in (2024, 2025, 2026, 2027):
        term = open_term(actor=hq, fiscal_year=year)
        policy = draft_policy(
            actor=agency,
            term=term,
            title=f"{year}年度 活動方針",
            body="地域の支援機関と連携します。",
        )
        policy = sign_policy(actor=agency, policy=policy)
        world.policies[f"{year}"] = sign_policy(actor=hq, policy=policy)
        if year != 2027:
            register_rules(actor=hq, term=term)
        world.terms[year] = term
    world.preparing = prepare_term(actor=hq, fiscal_year=2023)
    _changed_rules(hq, agency, world.terms[2026])
    world.terms[2024] = close_term(actor=hq, term=world.terms[2024])
    world.policies["draft"] = draft_policy(
        actor=agency, term=world.terms[2026], title="改訂案", body="重点を見直します。"
    )


def _changed_rules(hq: Scope, agency: Scope, term: Term) -> None:
    """The rules of 2026 were changed once, by both sides; another change is being written."""
    calendar = find("calendar")
    change = begin_change(actor=hq, term=term, reason="大雪により、ヒアリングの期限を延ばすため。")
    lines = calendar.stands(term)
    later = calendar.read(term, lines, {"hearing/number": "20"})
    set_change_part(actor=hq, change=change, part=calendar, content=later)
    sign_change(actor=agency, change=sign_change(actor=hq, change=change))
    begin_change(actor=hq, term=term, reason="回答締切を見直すため。")


def import_rows(
    actor: Scope,
    kind: str,
    params: dict[str, Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    apply: bool = True,
) -> ImportBatch:
    """Upload rows (by column name) as a CSV file of this kind, check it; when asked, apply it."""
    columns = kinds.find(kind).columns(params)
    named = {name for row in rows for name in row}
    used = [column for column in columns if column.name in named or not column.optional]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([column.heading for column in used])
    writer.writerows([row.get(column.name, "") for column in used] for row in rows)
    return import_file(actor, kind, params, sheet.getvalue().encode(), apply=apply)


def import_file(
    actor: Scope, kind: str, params: dict[str, Any], data: bytes, *, apply: bool = True
) -> ImportBatch:
    """Upload a file and run its jobs at once, as a worker would."""
    name = f"{kind}.csv"
    batch = upload(actor, kind=kind, params=params, filename=name, data=data)
    runner.run(batch.check_job_id or 0)
    batch.refresh_from_db()
    if apply:
        assert batch.state == "ready", (kind, batch.state, batch.problems)
        job = start_apply(actor, batch=batch)
        assert runner.run(job.pk) == JobState.SUCCEEDED, Job.objects.get(pk=job.pk).error
        batch.refresh_from_db()
    return batch


def _people(world: World) -> None:
    """Two coordinators and a chief per hub; the chief's name is public on the list of hubs."""
    rows = []
    for place, code in enumerate(CODES):
        other = {"q_other": "○", "other_text": f"{canary(code)}士"}
        rows += [
            {
                "hub_code": code,
                "role": "CC",
                "name": f"配役長{code}",
                "kana": f"ハイヤク{'アイウ'[place]}",
            },
            {
                "hub_code": code,
                "role": "CO",
                "name": f"{canary(code)}花子",
                "kana": f"キミツ{'アイウ'[place]}",
                "q_sme_management_consultant": "○",
                **other,
            },
        ]
    params = {"as_of": "2026-06-01", "name": "令和8年度 保有資格調査", "is_sample": False}
    world.batches["people"] = import_rows(
        world.cast.hq.scope, "people.qualifications", params, rows
    )


def plan_values(code: str) -> dict[str, str]:
    """A plan that may be submitted, with the hub's canary in every text."""
    word = canary(code)
    values = {
        "regional_analysis": f"{word}地域の中小企業は後継者の不足に悩んでいます。",
        "business_plan": f"{word}出張相談会を毎月開きます。",
        "f1_name": f"{word}分野",
        "f1_description": f"{word}を進めます。",
        "f1_evidence": f"{word}の記録",
        "f1_target": "60",
    }
    for indicator, value in (("CONS", 1200), ("VISIT", 700), ("SOLVE", 380), ("NETW", 90)):
        values[f"target_{indicator}"] = str(value)
    return values


def write_plan(world: World, code: str, year: int) -> Plan:
    """Open and fill the plan of a hub."""
    hub, term = world.hubs[code], world.terms[year]
    plan = open_plan(actor=chief(world, code), hub=hub, term=term)
    values = plan_values(code)
    return save_plan(actor=chief(world, code), plan=plan, values=values, version=plan.version).plan


def interview(world: World, code: str, plan: Plan) -> None:
    """The start interview, minutes with the canary."""
    record_interview(
        actor=bureau(world, code),
        plan=plan,
        said=InterviewRecord(
            held_on=date(plan.term.fiscal_year, 5, 12),
            attendees=[
                Attendee("hub", "拠点", f"{canary(code)}出席者"),
                Attendee("bureau", "経済産業局", f"{canary(code)}担当官"),
            ],
            minutes=f"{canary(code)}目標の根拠を確かめました。",
            agreed_points=f"{canary(code)}四半期ごとに見直します。",
        ),
    )


def _plans(world: World, code: str) -> None:
    """2025 and Tokyo's and Miyagi's 2026 finalized; Kanagawa's 2026 submitted.

    2027: draft, returned, submitted.
    """
    for year in (2025, 2026):
        plan = write_plan(world, code, year)
        plan = submit_plan(actor=chief(world, code), plan=plan)
        interview(world, code, plan)
        if (code, year) != ("14", 2026):
            plan = finalize_plan(actor=bureau(world, code), plan=plan)
        world.plans[code, year] = plan
    world.amendments[code] = open_amendment(
        actor=chief(world, code),
        plan=world.plans[code, 2025],
        effective_month=date(2026, 3, 1),
        reason=f"{canary(code)}相談が増えたため",
    )
    plan = write_plan(world, code, 2027)
    if code in {"14", "04"}:
        plan = submit_plan(actor=chief(world, code), plan=plan)
    if code == "14":
        reason = f"{canary(code)}目標を見直してください。"
        plan = return_plan(actor=bureau(world, code), plan=plan, reason=reason)
    world.plans[code, 2027] = plan


def month_values(number: int) -> dict[str, str]:
    """Figures of one month, plausible and logical."""
    return {
        "CONS": str(100 + number),
        "VISIT": str(60 + number),
        "SOLVE": str(30 + number),
        "NETW": "8",
        "F1": "5",
    }


def _judged_months(world: World, code: str) -> None:
    """Twelve accepted months of 2025, in bulk."""
    plan, term = world.plans[code, 2025], world.terms[2025]
    officer = bureau(world, code).user_id
    reports = MonthlyReport.objects.bulk_create(
        MonthlyReport(hub=world.hubs[code], term=term, month=month) for month in months_of(2025)
    )
    owners: list[dict[str, Any]] = [{"indicator": row} for row in term.indicators.all()]
    owners += [{"focus_area": row} for row in plan.focus_areas.all()]
    keys = [next(iter(owner.values())).code for owner in owners]
    MonthlyResult.objects.bulk_create(
        MonthlyResult(
            report=report,
            value_state=ValueState.REPORTED,
            value=int(month_values(place).get(key, "7")),
            **owner,
        )
        for place, report in enumerate(reports)
        for key, owner in zip(keys, owners, strict=True)
    )
    MonthlyReport.objects.filter(pk__in=[report.pk for report in reports]).update(
        state=ReportState.ACCEPTED,
        submitted_at=NOW,
        confirmed_at=NOW,
        accepted_at=NOW,
        accepted_by_id=officer,
    )


# How far each month of the running year has come.
RUNNING = {4: "accepted", 5: "confirmed", 6: "submitted", 7: "returned", 8: "open", 9: "open"}


def _running_months(world: World, code: str) -> None:
    """Months of 2026 in every state, through the operations."""
    for number, state in RUNNING.items():
        month = date(2026, number, 1)
        given = month_values(number)
        if world.plans[code, 2026].state != "finalized":
            given.pop("F1")
        report = enter_month(
            actor=chief(world, code),
            hub=world.hubs[code],
            month=month,
            values=given,
            reasons={"CONS": f"{canary(code)}行事のため"},
            version=0,
        ).report
        assert report is not None
        if state == "open":
            continue
        submit_month(actor=chief(world, code), report=report)
        if state in {"accepted", "confirmed"}:
            confirm_month(actor=body(world, code), report=report)
        if state == "accepted":
            accept_month(actor=bureau(world, code), report=report)
        if state == "returned":
            reason = f"{canary(code)}確かめてください。"
            return_month(actor=bureau(world, code), report=report, reason=reason)


def _ledger(world: World, code: str) -> None:
    """A record that was corrected: the version in force and the one before it."""
    actor = chief(world, code)
    values = RecordValues(
        held_on=date(2026, 10, 5),
        channel="1",
        theme="01",
        industry="E",
        employees_band="2",
        coordinator_name=f"{canary(code)}花子",
        client_key=f"C-{code}",
        minutes=60,
        resolved_on=date(2026, 10, 20),
        note=f"{canary(code)}販路の相談",
    )
    row = enter_consultation(actor=actor, hub=world.hubs[code], values=values)
    world.records[code, "past"] = row
    world.records[code, "current"] = correct_consultation(
        actor=actor, row=row, values=replace(values, minutes=90), reason=f"{canary(code)}時間の誤り"
    )
    world.draws[code] = draw_sample(
        actor=bureau(world, code), hub=world.hubs[code], month=date(2026, 10, 1), size=1
    )
    # The register is common to all hubs: its names are no hub's own words.
    world.partners[code] = register_organization(
        actor=actor, hub=world.hubs[code], name="配役商工会議所", kind="chamber_of_commerce"
    )
    if code == "14":
        # Kanagawa works with Tokyo's chamber too, so that it may join what Tokyo reports.
        tie_organization(actor=actor, hub=world.hubs[code], organization=world.partners["13"])
    world.activities[code] = enter_activity(
        actor=actor,
        hub=world.hubs[code],
        values=ActivityValues(
            held_on=date(2026, 10, 8),
            kind="2",
            title=f"{canary(code)}合同相談会",
            coordinator_name=f"{canary(code)}花子",
            organization_ids=(world.partners[code].pk,),
        ),
    )


def _corrections(world: World, code: str) -> None:
    """Corrections of the accepted April in every state that waits, and one that counts."""
    report = MonthlyReport.objects.get(hub=world.hubs[code], month=date(2026, 4, 1))
    word = canary(code)
    for key, value, state in (
        ("CONS", "120", "requested"),
        ("SOLVE", "30", "confirmed"),
        ("VISIT", "60", "accepted"),
    ):
        correction = request_correction(
            actor=chief(world, code),
            report=report,
            wanted=Wanted(key, value, f"{word}数え直しました。", f"{word}集計表"),
        )
        if state != "requested":
            correction = confirm_correction(actor=body(world, code), correction=correction)
        if state == "accepted":
            correction = accept_correction(actor=bureau(world, code), correction=correction)
        world.corrections[code, state] = correction


def _opinions(world: World) -> None:
    """Survey counts, partner values and hearing scores, uploaded by HQ."""
    hq, params = world.cast.hq.scope, {"fiscal_year": 2025}
    levels = {"level_1": 1, "level_2": 3, "level_3": 16, "level_4": 60, "level_5": 40}
    counts = {"sent": 300, "returned": 120, **levels}
    world.batches["satisfaction"] = import_rows(
        hq, "surveys.satisfaction", params, [{"hub_code": code, **counts} for code in CODES]
    )
    partners = [
        {
            "hub_code": code,
            "organization": f"{canary(code)}{name}",
            "kind": name,
            "value": value,
            "respondents": 2,
        }
        for code in CODES
        for name, value in (("商工会", "4.20"), ("商工会議所", "3.90"), ("自治体", "4.00"))
    ]
    world.batches["partners"] = import_rows(hq, "surveys.partners", params, partners)
    scores = [
        {
            "hub_code": code,
            "item": item.code,
            "evaluator": rater,
            "organization": "全国本部",
            "score": 2 + (place + int(code)) % 3,
            "has_evidence": "○",
            "evidence_note": f"{canary(code)}記録",
        }
        for code in CODES
        for place, item in enumerate(_items(world))
        for rater in ("評価者甲", "評価者乙")
    ]
    world.batches["hearings"] = import_rows(hq, "hearings.scores", params, scores)


def _items(world: World) -> list[Any]:
    checklist = checklist_of(world.terms[2025])
    assert checklist is not None
    return list(checklist.items.all())


def _judgement(world: World) -> None:
    """Two books per hub, and a run in each state; the published one speaks of the second books."""
    hq, second, term = world.cast.hq.scope, world.cast.hq_second.scope, world.terms[2025]
    cut = date(2026, 3, 31)
    for code in CODES:
        hub = world.hubs[code]
        world.books[code, 1] = freeze_book(hq, hub=hub, term=term, as_of=cut)
        RegionalFigure.objects.filter(hub=hub, code="smes").update(source="試験（改定）")
        world.books[code, 2] = freeze_book(hq, hub=hub, term=term, as_of=cut)
    scheme = adopt_scheme(hq, term=term)
    books = {code: world.books[code, 2] for code in CODES}

    def run(kind: RunKind) -> EvaluationRun:
        given = RunInput(term=term, kind=kind, scheme=scheme, books=books)
        return store_run(hq, given=given, snapshot=build_snapshot(given))

    checked = _checked(world, run(RunKind.FINAL))
    fixed = fix_run(second, run=checked, reason="内容を確かめました。")
    world.runs["published"] = publish_run(world.cast.agency.scope, run=fixed)
    world.runs["fixed"] = fix_run(second, run=run(RunKind.PROVISIONAL), reason="確かめました。")
    # A review of the published run: Tokyo's and Kanagawa's books have changed since.
    for code in ("13", "14"):
        hub = world.hubs[code]
        RegionalFigure.objects.filter(hub=hub, code="smes").update(source="試験（再改定）")
        world.books[code, 3] = freeze_book(hq, hub=hub, term=term, as_of=cut)
        books[code] = world.books[code, 3]
    world.runs["facts"] = ask_facts(hq, run=run(RunKind.APPEAL))
    _remark(world, "open", world.runs["facts"], "13", RemarkKind.OBJECTION)
    _remark(world, "comment", world.runs["facts"], "14", RemarkKind.COMMENT)
    world.runs["computed"] = run(RunKind.PROVISIONAL)
    world.runs["trial"] = run(RunKind.TRIAL)
    for name in ("published", "computed"):
        analysed = world.runs[name]
        analyses.store(hq, run=analysed, found=analyses.compute_for(analysed))
    _adjustments(world)


def _checked(world: World, run: EvaluationRun) -> EvaluationRun:
    """The fact check of a run: every hub objects in vain to a figure, then confirms."""
    hq = world.cast.hq.scope
    run = ask_facts(hq, run=run)
    for code in CODES:
        remark = _remark(world, f"rejected/{code}", run, code, RemarkKind.OBJECTION)
        reject_remark(hq, remark=remark, answer=f"{canary(code)}の記録のとおりです。")
        confirm_facts(chief(world, code), part=remark.check_part)
    return close_facts(hq, run=run)


def _remark(world: World, name: str, run: EvaluationRun, code: str, kind: RemarkKind) -> FactRemark:
    part = run.fact_checks.get(hub__code=code)
    said = Said(
        kind,
        "results/CONS/2025-05",
        f"{canary(code)}の5月分の記録と違います。",
        "123件",
        Evidence(f"{canary(code)}.txt", canary(code).encode()),
    )
    world.remarks[name] = remark_on_fact(chief(world, code), part=part, said=said)
    return world.remarks[name]


def _adjustments(world: World) -> None:
    """One adjustment in each state, as rows: the panel of the published run is over."""
    hq, second = world.cast.hq, world.cast.hq_second
    for code, state in zip(CODES, AdjustmentState, strict=True):
        confirmed = state == AdjustmentState.CONFIRMED
        world.adjustments[state.value] = PanelAdjustment.objects.create(
            run=world.runs["published"],
            hub=world.hubs[code],
            points=Decimal("1.50"),
            reason=f"{canary(code)}の独自の取組を評価しました。",
            evidence=f"{canary(code)}のヒアリングの記録",
            state=state,
            proposed_by=hq.user,
            proposed_by_name=hq.scope.label,
            confirmed_at=NOW if confirmed else None,
            confirmed_by=second.user if confirmed else None,
            confirmed_by_name=second.scope.label if confirmed else "",
            applied_run=world.runs["published"] if confirmed else None,
        )


def _budget(world: World) -> None:
    """Two scenarios of the published run, one of them adopted; one of the fixed run."""
    hq, agency = world.cast.hq.scope, world.cast.agency.scope
    rule = keep_rule(hq)
    for name, run, total in (
        ("proposed", "published", 180_000_000),
        ("adopted", "published", 175_000_000),
        ("of_fixed", "fixed", 170_000_000),
    ):
        snapshot = budget_snapshot(world.runs[run], rule, total)
        world.scenarios[name] = store_scenario(
            hq, run=world.runs[run], rule=rule, title=f"{name}の配分案", snapshot=snapshot
        )
    world.scenarios["adopted"] = adopt_scenario(
        agency, scenario=world.scenarios["adopted"], reason="予算の枠に合うため"
    )


def _batches(world: World) -> None:
    """One import in every state, besides the applied ones above."""
    hq, kind = world.cast.hq.scope, "surveys.satisfaction"
    year = {"fiscal_year": 2026}

    def rows(sent: int) -> list[dict[str, int | str]]:
        levels = {f"level_{place}": 10 for place in range(1, 6)}
        return [{"hub_code": code, "sent": sent, "returned": 50, **levels} for code in CODES]

    world.batches["undone"] = undo(
        hq, batch=import_rows(hq, kind, year, rows(100)), reason="別の年度のファイルでした。"
    )
    world.batches["unchanged"] = import_rows(
        hq,
        kind,
        {"fiscal_year": 2025},
        [
            {
                "hub_code": code,
                "sent": 300,
                "returned": 120,
                "level_1": 1,
                "level_2": 3,
                "level_3": 16,
                "level_4": 60,
                "level_5": 40,
            }
            for code in CODES
        ],
        apply=False,
    )
    world.batches["ready"] = import_rows(hq, kind, year, rows(200), apply=False)
    world.batches["applying"] = import_rows(hq, kind, year, rows(250), apply=False)
    start_apply(hq, batch=world.batches["applying"])
    world.batches["refused"] = import_rows(hq, kind, year, rows(1), apply=False)
    world.batches["checking"] = upload(
        hq, kind=kind, params=year, filename="確認中.csv", data="拠点コード\n".encode()
    )
    for batch in world.batches.values():
        batch.refresh_from_db()


def _jobs(world: World) -> None:
    """Jobs queued, running, failed and succeeded with a file, of HQ; one of a chief coordinator."""
    hq = world.cast.hq.scope

    def job(actor: Scope, name: str) -> Job:
        return enqueue(
            actor, kind="evidence.freeze", key=f"world:{name}", label=f"試験のジョブ（{name}）"
        )

    world.jobs["queued"] = job(hq, "queued")
    world.jobs["running"] = claim(job(hq, "running").pk) or job(hq, "running")
    for name, actor in (("failed", hq), ("failed_cc", world.cast.cc_tokyo.scope)):
        taken = claim(job(actor, name).pk)
        assert taken is not None
        finish(taken, taken.lease_token, state=JobState.FAILED, error="期がありません。")
        world.jobs[name] = Job.objects.get(pk=taken.pk)
    taken = claim(job(hq, "file").pk)
    assert taken is not None
    path = f"jobs/{taken.pk}/sheet.csv"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile("拠点,点\n".encode()))
    finish(taken, taken.lease_token, state=JobState.SUCCEEDED, result={"file": "sheet.csv"})
    world.jobs["file"] = Job.objects.get(pk=taken.pk)


def total_of(world: World) -> Decimal:
    """The sum of the final scores of the published run (a checksum of the whole world)."""
    scores = world.runs["published"].hub_results.values_list("final", flat=True)
    return sum((score for score in scores if score is not None), Decimal(0))


def _flags(world: World) -> None:
    """One flag per hub and state; Tokyo's first is still its own, the last is of the network."""
    states = {
        "raised": ("13", FlagState.RAISED, ""),
        "waiting": ("13", FlagState.WAITING, ""),
        "finding": ("14", FlagState.FINDING, Outcome.FINDING),
        "closed": ("04", FlagState.CLOSED, Outcome.EXPLAINED),
        "national": ("", FlagState.WAITING, ""),
    }
    figures = {"title": "推移", "kind": "line", "unit": "件", "lines": [["中央値", "104.0"]]}
    figures |= {"rows": [["令和8年4月", 104, 0], ["令和8年5月", 900, 1]], "facts": [["z", "9.99"]]}
    for number, (name, (code, state, outcome)) in enumerate(states.items()):
        flag = IntegrityFlag.objects.create(
            hub=world.hubs.get(code),
            term=world.terms[2026],
            check_code="jump" if code else "just_over",
            rule_version="integrity-1",
            subject=f"2026-{number + 4:02d}/CONS" if code else "2026",
            month=date(2026, number + 4, 1) if code else None,
            indicator_code="CONS" if code else "",
            sentence=f"{canary(code)}の値について、確認をお願いします。"
            if code
            else "全国の状況です。",
            basis_hash="0" * 64,
            figures=canonical_json(figures),
            state=state,
            outcome=outcome,
            first_seen=NOW.date(),
            last_seen=NOW.date(),
            answer_due=date(2026, 12, 7),
        )
        if code and state != FlagState.RAISED:
            FlagNote.objects.create(flag=flag, text=f"{canary(code)}の説明です。", by_name="配役")
        if outcome:
            FlagDecision.objects.create(
                flag=flag, outcome=outcome, reason=f"{canary(code)}を確かめた。", by_name="配役"
            )
        world.flags[name] = flag


def _guidance(world: World) -> None:
    """Tokyo's plan is checked, Kanagawa's is being written, Miyagi's is agreed."""
    hq, run = world.cast.hq.scope, world.runs["published"]
    reason = "{word}の体制を早めに支援するため。"
    wanted = {code: guidance.Wanted(2, reason.format(word=canary(code))) for code in CODES}
    made = guidance.open_cases(actor=hq, run=run, wanted=wanted)
    world.cases = {case.hub.code: case for case in made}
    for code in CODES:
        _guided_plan(world, code)
    for code in ("13", "04"):
        _guided_year(world, code)
    for case in world.cases.values():
        case.refresh_from_db()


def _guided_plan(world: World, code: str) -> None:
    case, actor = world.cases[code], bureau(world, code)
    values = PlanValues(causes=f"{canary(code)}の引継ぎの手順がない。", goal="月30件の解決。")
    guidance.save_plan(actor=actor, case=case, values=values, version=0)
    for serious, owner in ((False, "chief_coordinator"), (True, "bureau")):
        action = ActionValues(
            text=f"{canary(code)}の手順書を作る。",
            owner=owner,
            due=date(2026, 12, 20),
            evidence_rule="手順書",
            is_serious=serious,
        )
        guidance.add_action(actor=actor, case=case, values=action)
    guidance.add_note(actor=chief(world, code), case=case, text=f"{canary(code)}の意見です。")


def _guided_year(world: World, code: str) -> None:
    case, actor = world.cases[code], bureau(world, code)
    guidance.agree(actor=chief(world, code), case=case)
    case = guidance.agree(actor=actor, case=case)
    file = Attached("手順書.txt", canary(code).encode())
    text = f"{canary(code)}の資料です。"
    for action in case.actions.all():
        guidance.add_evidence(actor=actor, action=action, text=text, file=file)
    if code == "04":
        return
    case = guidance.start(actor=actor, case=case)
    guidance.finish_action(actor=actor, action=case.actions.get(number=2))
    point = CheckpointValues(CheckpointKind.QUARTERLY, NOW.date(), f"{canary(code)}の所見。")
    guidance.record_checkpoint(actor=actor, case=case, values=point)


def _print(world: World, wave: SurveyWave, wanted: LettersWanted, name: str) -> dict[str, str]:
    """Links of the letters, kept as the job does; hub code -> token."""
    found = {}
    printed = []
    for letter in chosen(wave, wanted):
        token = f"{sha256_text(name)[:8]}{letter.number}".replace("-", "0").ljust(26, "w")
        found[letter.hub.code] = token
        printed.append(Printed(letter, token))
    keep_links(actor=world.cast.hq.scope, wave=wave, mode=wanted.mode, printed=printed)
    return found


def _waves(world: World) -> None:
    """A wave in every state; one letter per hub, one of them answered, one made anew."""
    hq = world.cast.hq.scope
    for kind in WaveKind:
        world.questionnaires[kind] = make_questionnaire(actor=hq, kind=kind, words=STANDARD[kind])
    world.questionnaires["draft"] = make_questionnaire(
        actor=hq, kind=WaveKind.SATISFACTION, words=STANDARD[WaveKind.SATISFACTION]
    )
    world.exclusion = exclude_partner(
        actor=hq,
        hub=world.hubs["13"],
        organization=world.partners["13"],
        kind=ExclusionKind.HOUSES,
    )
    _wave(world, "draft", WaveKind.PARTNER, 2026, NOW + timedelta(days=30))
    drawn = _wave(world, "drawn", WaveKind.PARTNER, 2027, NOW + timedelta(days=30))
    world.waves["drawn"] = draw_wave(actor=hq, wave=drawn)
    opened = _opened(world, "open", 2026, NOW + timedelta(days=30))
    kanagawa = SurveyInvitation.objects.select_related("wave").get(wave=opened, hub__code="14")
    give_answer(letter=kanagawa, given=Given(4, "good"))
    miyagi = SurveyInvitation.objects.get(wave=opened, hub__code="04")
    again = LettersWanted(Mode.AGAIN, number=miyagi.number)
    world.tokens["void"] = world.tokens.pop("open/04")
    world.tokens["again"] = _print(world, opened, again, "again")["04"]
    world.tokens["answered"] = world.tokens.pop("open/14")
    _bundle(world, opened)
    with patch.object(clock, "now", lambda: NOW - timedelta(days=5)):
        closing = _opened(world, "closed", 2027, NOW - timedelta(days=1))
        for letter in SurveyInvitation.objects.filter(wave=closing).select_related("wave"):
            give_answer(letter=letter, given=Given(5, "none_yet", text="助かりました。"))
    world.waves["closed"] = close_wave(actor=hq, wave=closing)


def _wave(world: World, name: str, kind: WaveKind, year: int, closes_at: datetime) -> SurveyWave:
    plan = WavePlan(
        questionnaire=world.questionnaires[kind],
        opens_at=closes_at - timedelta(days=40),
        closes_at=closes_at,
        frame_from=date(2026, 4, 1),
        frame_to=date(2026, 11, 20),
        share_percent=30,
        minimum=5,
        maximum=300,
        people=1,
    )
    hq = world.cast.hq.scope
    world.waves[name] = create_wave(actor=hq, term=world.terms[year], kind=kind, plan=plan)
    return world.waves[name]


def _opened(world: World, name: str, year: int, closes_at: datetime) -> SurveyWave:
    hq = world.cast.hq.scope
    wave = _wave(world, name, WaveKind.SATISFACTION, year, closes_at)
    wave = draw_wave(actor=hq, wave=wave)
    tokens = _print(world, wave, LettersWanted(Mode.FIRST), name)
    world.tokens |= {f"{name}/{code}": token for code, token in tokens.items()}
    world.waves[name] = open_wave(actor=hq, wave=wave)
    return world.waves[name]


def _bundle(world: World, wave: SurveyWave) -> None:
    """Letters that wait to be fetched."""
    job = enqueue(
        world.cast.hq.scope,
        kind=LETTERS,
        key="world:letters",
        label="試験の手紙",
        params={"wave_id": wave.pk},
    )
    taken = claim(job.pk)
    assert taken is not None
    place = f"surveys/letters-{taken.pk}.zip"
    if not default_storage.exists(place):
        default_storage.save(place, ContentFile("手紙\n".encode()))
    result = {BUNDLE: place, "count": 3}
    finish(taken, taken.lease_token, state=JobState.SUCCEEDED, result=result)
    world.jobs["letters"] = Job.objects.get(pk=taken.pk)
