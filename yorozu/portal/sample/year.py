"""The sample years, act by act, through the same operations that the screens call."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from evaluation.budget.models import BudgetScenario
from evaluation.evidence.operations import freeze_books
from evaluation.hearings.models import Checklist
from evaluation.reports.operations import start_hub_sheets
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.operations import fix_run, publish_run, start_run
from hubs.network.models import Hub
from hubs.people import sample as people
from hubs.plans.models import Plan, PlanState
from hubs.plans.operations import (
    approve_amendment,
    finalize_plans,
    open_amendment,
    save_amendment,
    submit_amendment,
    submit_plan,
)
from hubs.plans.queries.amending import first_free_month
from hubs.results.models import MonthlyReport
from hubs.results.operations import accept_months, confirm_months, submit_months
from hubs.terms.models import Term
from hubs.terms.operations import (
    begin_change,
    close_term,
    draft_policy,
    open_term,
    register_rules,
    set_change_part,
    sign_change,
    sign_policy,
)
from hubs.terms.parts import find
from hubs.terms.queries import term_for
from yorozu.core.access import Scope
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.portal.sample import accounts, nation, opinions, plans, results, talks
from yorozu.portal.sample.books import keep_books, touch_records
from yorozu.portal.sample.checks import check_facts
from yorozu.portal.sample.doors import Door, Progress, Say, wait
from yorozu.portal.sample.guidance import guide
from yorozu.portal.sample.hearings import hold_hearings
from yorozu.portal.sample.money import propose
from yorozu.portal.sample.moves import move_months
from yorozu.portal.sample.nation import LAST_TERM, THIS_TERM, SampleHub
from yorozu.portal.sample.questions import ask_questions
from yorozu.portal.sample.remarks import say_in_words
from yorozu.portal.sample.waves import ask_clients, begin_asking, draw_partners

SURVEY_DATE = date(2017, 2, 1)
# Hubs whose plan changes in the running term, and whether the bureau has approved it.
AMENDED = {"20": True, "28": False}
POLICY = (
    "1. 地域の中小企業・小規模事業者の課題を分析し、拠点ごとの重点分野を定めること。\n"
    "2. 相談対応の質を高めるため、全国本部の専門家の同席と助言を活用すること。\n"
    "3. 商工会・商工会議所・金融機関等の支援機関との連携を広げること。\n"
    "4. 件数だけでなく、課題の解決と相談者の満足を大切にすること。"
)


def load_people(door: Door, say: Say) -> None:
    """The qualification survey of 557 people, read from a CP932 file as offices send it."""
    say("保有資格調査（557人）を取り込みます。")
    header, rows = people.qualification_rows()
    records = [dict(zip(header, row, strict=True)) for row in rows]
    params = {
        "as_of": SURVEY_DATE.isoformat(),
        "name": "平成28年度 保有資格調査（サンプル）",
        "is_sample": True,
    }
    actor = accounts.scope_of_account("admin")
    door.bring(
        actor, "people.qualifications", "保有資格調査.csv", records, params, encoding="cp932"
    )


def load_network(door: Door, hubs: list[SampleHub], say: Say) -> None:
    """Contracts of both years and the regional figures."""
    say("委託契約と地域の数値を取り込みます。")
    actor = accounts.scope_of_account("hq")
    sample = {"is_sample": True}
    for year in (LAST_TERM, THIS_TERM):
        rows = nation.contract_rows(hubs, year)
        door.bring(actor, "network.contracts", f"委託契約_{year}.csv", rows, sample)
    rows = nation.regional_rows(hubs)
    door.bring(actor, "network.regional_figures", "地域の数値.csv", rows, sample)


def start_term(fiscal_year: int, say: Say) -> Term:
    """Open the term part by part, register its rules, publish the policy signed by both sides."""
    say(f"{fiscal_year}年度の期を開き、規則を登録し、活動方針を公表します。")
    agency, hq = accounts.scope_of_account("agency"), accounts.scope_of_account("hq")
    term = term_for(fiscal_year) or open_term(actor=hq, fiscal_year=fiscal_year, is_sample=True)
    title = f"{nendo(fiscal_year)} よろず支援拠点事業の活動方針（サンプル）"
    register_rules(actor=hq, term=term)
    policy = draft_policy(actor=hq, term=term, title=title, body=POLICY)
    sign_policy(actor=agency, policy=sign_policy(actor=hq, policy=policy))
    return term


def load_plans(door: Door, term: Term, hubs: list[SampleHub], say: Say, *, open_hubs: int) -> None:
    """Plans with interviews, talked about; all but ``open_hubs`` of them are finalized."""
    year = term.fiscal_year
    say(f"{year}年度の事業計画を取り込み、提出・確定します。")
    rows = [plans.plan_row(hub, year) for hub in hubs]
    hq = accounts.scope_of_account("hq")
    door.bring(hq, "plans.plan", f"事業計画_{year}.csv", rows, {"fiscal_year": year})
    left = {hub.code for hub in hubs[len(hubs) - open_hubs :]} if open_hubs else set()
    for plan in Plan.objects.filter(term=term).select_related("hub").exclude(hub__code__in=left):
        chief = accounts.scope_of_account(f"cc-{plan.hub.code}")
        submit_plan(actor=chief, plan=plan)
    known = {hub.code: hub for hub in hubs}
    sent = Plan.objects.filter(term=term, state=PlanState.SUBMITTED)
    for plan in sent.select_related("hub__bureau", "term"):
        talks.talk_about(plan, known[plan.hub.code])
    by_bureau: dict[str, list[Plan]] = defaultdict(list)
    submitted = Plan.objects.filter(term=term, state=PlanState.SUBMITTED)
    for plan in submitted.select_related("hub__bureau"):
        by_bureau[accounts.bureau_key(plan.hub)].append(plan)
    for key, group in by_bureau.items():
        finalize_plans(actor=accounts.scope_of_account(key), term=term, plans=group)
    waiting = Plan.objects.filter(term=term, hub__code__in=left).order_by("-hub__code")
    talks.leave_open(list(waiting.select_related("hub__bureau", "term")))


def amend_plans(term: Term, say: Say) -> None:
    """One amendment approved and one waiting for the bureau, in the middle of the year."""
    say(f"{term}の計画変更を申請し、1件を承認します。")
    plans = Plan.objects.filter(term=term, state=PlanState.FINALIZED, hub__code__in=AMENDED)
    for plan in plans.select_related("hub__bureau", "term").order_by("hub__code"):
        chief = accounts.scope_of_account(f"cc-{plan.hub.code}")
        amendment = open_amendment(
            actor=chief,
            plan=plan,
            effective_month=first_free_month(plan),
            reason="年度の途中で創業の相談が増え、出張相談会を増やすため（サンプル）。",
        )
        value = plan.targets.get(indicator__code="CONS").value
        values = {
            "target_CONS": str(value + value // 20),
            "business_plan": f"{plan.business_plan}創業の出張相談会を毎月開きます。",
        }
        save_amendment(actor=chief, amendment=amendment, values=values, version=amendment.version)
        submit_amendment(actor=chief, amendment=amendment)
        if AMENDED[plan.hub.code]:
            officer = accounts.scope_of_account(accounts.bureau_key(plan.hub))
            approve_amendment(actor=officer, amendment=amendment)


def load_results(door: Door, term: Term, hubs: list[SampleHub], say: Say) -> None:
    """Monthly results of the term as one file."""
    year = term.fiscal_year
    say(f"{year}年度の月次実績を取り込みます。")
    known = set(
        Plan.objects.filter(term=term, state=PlanState.FINALIZED).values_list(
            "hub__code", flat=True
        )
    )
    rows = [row for hub in hubs if hub.code in known for row in results.result_rows(hub, year)]
    hq = accounts.scope_of_account("hq")
    door.bring(hq, "results.monthly", f"月次実績_{year}.csv", rows, {"fiscal_year": year})


def settle_months(term: Term, say: Say, *, until: date | None = None) -> None:
    """Submit, confirm and accept the months; with ``until`` later months stay on their way."""
    say(f"{term}の月次実績を提出・確認します。")
    reports = MonthlyReport.objects.filter(term=term).select_related("hub__bureau")
    by_hub = _grouped(reports, lambda report: report.hub.code)
    for code, group in by_hub.items():
        submit_months(actor=accounts.scope_of_account(f"cc-{code}"), reports=group)
        ready = [report for report in group if until is None or report.month <= until]
        confirm_months(actor=accounts.scope_of_account(f"body-{code}"), reports=ready)
    confirmed = reports.filter(state="confirmed")
    for key, group in _grouped(confirmed, lambda r: accounts.bureau_key(r.hub)).items():
        accept_months(actor=accounts.scope_of_account(key), reports=group)


def _grouped(reports: Iterable[MonthlyReport], key: object) -> dict[str, list[MonthlyReport]]:
    groups: dict[str, list[MonthlyReport]] = defaultdict(list)
    for report in reports:
        groups[key(report)].append(report)  # type: ignore[operator]
    return groups


def load_opinions(door: Door, term: Term, hubs: list[SampleHub], say: Say) -> None:
    """The counted wave of clients, partner assessments and hearing scores of the term."""
    year = term.fiscal_year
    ask_clients(term, hubs, say)
    say(f"{year}年度の支援機関評価・ヒアリングを取り込みます。")
    hq = accounts.scope_of_account("hq")
    params = {"fiscal_year": year}
    rows = [row for hub in hubs for row in opinions.partner_rows(hub, year)]
    door.bring(hq, "surveys.partners", f"支援機関評価_{year}.csv", rows, params)
    checklist = Checklist.objects.filter(term=term, is_locked=True).latest("version")
    items = list(checklist.items.order_by("order").values_list("code", flat=True))
    rows = [row for hub in hubs for row in opinions.hearing_rows(hub, year, items)]
    door.bring(hq, "hearings.scores", f"ヒアリング評点_{year}.csv", rows, params)


def freeze(term: Term, progress: Progress, say: Say) -> None:
    """Freeze the evidence of all hubs at the end of the fiscal year."""
    say("証拠台帳を凍結します。")
    hq = accounts.scope_of_account("hq")
    wait(freeze_books(hq, term=term, as_of=date(term.fiscal_year + 1, 3, 31)).pk, progress)


def decide(term: Term, progress: Progress, say: Say) -> tuple[EvaluationRun, BudgetScenario]:
    """Compute, let the hubs check, fix by a second person, publish, allocate, adopt."""
    hq, agency = accounts.scope_of_account("hq"), accounts.scope_of_account("agency")
    say("全拠点の評価を算定します。")
    job = wait(start_run(hq, term=term, kind=RunKind.FINAL).pk, progress)
    run = EvaluationRun.objects.get(pk=job.result["run_id"])
    check_facts(run, say)
    run.refresh_from_db()
    fix_run(
        accounts.scope_of_account("hq2"),
        run=run,
        reason="採点されていない項目は、根拠の提出がなかったことを確認しました。",
    )
    run.refresh_from_db()
    say_in_words(run, say)
    publish_run(agency, run=run)
    run.refresh_from_db()
    scenario = propose(run, progress, say)
    return run, scenario


def make_sheets(run: EvaluationRun, progress: Progress, say: Say) -> Job:
    """The evaluation sheets of all hubs as one job."""
    say("評価票（PDF）を全拠点分作成します。")
    return wait(start_hub_sheets(accounts.scope_of_account("hq"), run=run).pk, progress)


def open_house(folder: Path, actor: Scope, say: Say) -> tuple[Door, list[SampleHub]]:
    """Accounts, people, contracts and regional figures: what both years stand on."""
    door = Door(folder, Progress(say))
    accounts.make_accounts(actor)
    bodies = nation.bodies()
    facts = [(hub.code, hub.name, bodies[hub.code]) for hub in Hub.objects.all()]
    hubs = nation.sample_hubs(facts)
    load_network(door, hubs, say)
    load_people(door, say)
    accounts.make_body_accounts(actor)
    return door, hubs


def play_last_term(door: Door, hubs: list[SampleHub], say: Say) -> Term:
    """The finished term, up to the point where it can be judged."""
    term = start_term(LAST_TERM, say)
    load_plans(door, term, hubs, say, open_hubs=0)
    load_results(door, term, hubs, say)
    settle_months(term, say)
    load_opinions(door, term, hubs, say)
    return term


def play_this_term(door: Door, hubs: list[SampleHub], say: Say) -> Term:
    """The running term in its middle: late hubs, months on their way."""
    term = start_term(THIS_TERM, say)
    load_plans(door, term, hubs, say, open_hubs=3)
    load_results(door, term, hubs, say)
    keep_books(door, term, hubs, say)
    settle_months(term, say, until=date(THIS_TERM, 9, 1))
    move_months(term, say)
    touch_records(term, say)
    change_rules(term, say)
    amend_plans(term, say)
    begin_asking(term, say)
    draw_partners(term, say)
    hold_hearings(term, say)
    return term


def change_rules(term: Term, say: Say) -> None:
    """One lawful change of the running year's rules, which every result of the year then names."""
    say(f"{term}の規則を、双方の同意を得て変更します。")
    agency, hq = accounts.scope_of_account("agency"), accounts.scope_of_account("hq")
    reason = "年度末の業務が集中するため、ヒアリングの期限を10日延ばす（サンプル）"
    change = begin_change(actor=hq, term=term, reason=reason)
    calendar = find("calendar")
    later = calendar.read(term, calendar.stands(term), {"hearing/number": "20"})
    change = set_change_part(actor=hq, change=change, part=calendar, content=later)
    sign_change(actor=agency, change=sign_change(actor=hq, change=change))


def play(folder: Path, actor: Scope, say: Say) -> tuple[EvaluationRun, BudgetScenario, Job]:
    """The whole sample: last term judged and published, this term in its middle."""
    door, hubs = open_house(folder, actor, say)
    last = play_last_term(door, hubs, say)
    running = play_this_term(door, hubs, say)
    freeze(last, door.progress, say)
    run, scenario = decide(last, door.progress, say)
    close_term(actor=accounts.scope_of_account("hq"), term=last)
    guide(run, say)
    ask_questions(running, door.progress, say)
    return run, scenario, make_sheets(run, door.progress, say)
