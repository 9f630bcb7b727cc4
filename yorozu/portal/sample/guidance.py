"""One sample hub in guidance: opened after last year's evaluation, in the middle of its plan."""

from dataclasses import dataclass
from datetime import date, timedelta

from evaluation.guidance import operations
from evaluation.guidance.models import CheckpointKind, GuidanceCase
from evaluation.guidance.operations import ActionValues, CheckpointValues, PlanValues, Wanted
from evaluation.guidance.operations.acting import Attached
from evaluation.guidance.queries import preview
from evaluation.scoring.models import EvaluationRun
from yorozu.core import clock
from yorozu.portal.sample import accounts
from yorozu.portal.sample.doors import Say

SUPPORT_YEN = 3_000_000
CAUSES = (
    "（サンプル）相談の引継ぎの手順がなく、継続支援の途中で相談が途切れている。"
    "年度の途中でコーディネーターが2名交代し、重点分野の担当が決まっていない期間があった。"
)
GOAL = (
    "（サンプル）継続支援の相談が担当の交代で途切れず、課題解決件数が毎月の目標の9割を超える。"
    "チェックリストの各項目が「2 一部で実施」以上になる。"
)


@dataclass(frozen=True)
class _Step:
    """One action of the sample plan; ``done``: how far it has come."""

    text: str
    owner: str
    days: int
    evidence: str
    link: str
    target: str = ""
    is_serious: bool = False
    done: str = ""


STEPS = (
    _Step(
        "相談の引継ぎの手順書を作り、全員で読み合わせる。",
        "chief_coordinator",
        0,
        "手順書と読合せの記録",
        "CHK.C6",
        "全コーディネーターが参加",
        is_serious=True,
        done="confirmed",
    ),
    _Step(
        "重点分野ごとに主担当と副担当を決める。",
        "implementing_body",
        0,
        "担当表",
        "CHK.C7",
        done="done",
    ),
    _Step(
        "同席で指摘を受けた聞き取りの進め方を、月1回の事例検討で確かめる。",
        "chief_coordinator",
        30,
        "事例検討の記録",
        "CHK.C1",
        "月1回",
    ),
    _Step(
        "商工会・金融機関との合同相談会を開く。",
        "coordinator",
        45,
        "実施報告書",
        "IND.NETW",
        "四半期に2回",
    ),
    _Step(
        "中小企業大学校の研修に2名を派遣する。",
        "national_hq",
        60,
        "修了証",
        "CHK.C2",
        "2名",
        is_serious=True,
    ),
)


def guide(run: EvaluationRun, say: Say) -> list[GuidanceCase]:
    """Decide on all hubs by the rule, and bring the lowest one to the middle of its plan."""
    say("重点指導の発動を決め、1拠点の計画を進めます。")
    hq = accounts.scope_of_account("hq")
    wanted = {line.hub.code: Wanted(line.level) for line in preview(run) if line.level}
    cases = operations.open_cases(actor=hq, run=run, wanted=wanted)
    for case in cases[:1]:
        _play(case)
    for case in cases:
        case.refresh_from_db()
    return cases


def _play(case: GuidanceCase) -> None:
    code = case.hub.code
    chief = accounts.scope_of_account(f"cc-{code}")
    officer = accounts.scope_of_account(accounts.bureau_key(case.hub))
    values = PlanValues(
        causes=CAUSES,
        goal=GOAL,
        project_manager="巡回 歩（サンプル）",
        supporter="支援 望（サンプル）",
        training_seats=2,
        support_yen=SUPPORT_YEN,
        support_note="（サンプル）手順書の作成の助言、合同相談会の会場費、研修の旅費。",
    )
    operations.save_plan(actor=officer, case=case, values=values, version=0)
    today = clock.today()
    for step in STEPS:
        action = ActionValues(
            text=f"{step.text}（サンプル）",
            owner=step.owner,
            due=today + timedelta(days=step.days),
            evidence_rule=step.evidence,
            link=step.link,
            target=step.target,
            is_serious=step.is_serious,
        )
        operations.add_action(actor=officer, case=case, values=action)
    text = "担当の交代の影響が大きいため、引継ぎから始めたいです。（サンプル）"
    operations.add_note(actor=chief, case=case, text=text)
    operations.agree(actor=chief, case=case)
    operations.agree(actor=officer, case=case)
    case = operations.start(actor=officer, case=case)
    _act(case)
    _check(case, today)


def _act(case: GuidanceCase) -> None:
    code = case.hub.code
    for number, step in enumerate(STEPS, start=1):
        if not step.done:
            continue
        key = "body" if step.owner == "implementing_body" else "cc"
        owner = accounts.scope_of_account(f"{key}-{code}")
        action = case.actions.get(number=number)
        text = f"{step.evidence}を添えます。（サンプル）"
        file = Attached(f"{step.evidence}_サンプル.txt", f"サンプル：{step.text}".encode())
        operations.add_evidence(actor=owner, action=action, text=text, file=file)
        action = operations.finish_action(actor=owner, action=action)
        if step.done == "confirmed":
            officer = accounts.scope_of_account(accounts.bureau_key(case.hub))
            operations.confirm_action(actor=officer, action=action)


def _check(case: GuidanceCase, today: date) -> None:
    officer = accounts.scope_of_account(accounts.bureau_key(case.hub))
    visit = CheckpointValues(
        kind=CheckpointKind.MONTHLY,
        held_on=today,
        findings="（サンプル）手順書は使われ始めている。聞き取りは、課題の設定が提案に先立っていない。",
        sit_ins=0,
        sit_in_score=None,
        next_on=today + timedelta(days=30),
    )
    operations.record_checkpoint(actor=officer, case=case, values=visit)
