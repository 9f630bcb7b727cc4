"""Who may do what with surveys, hearings, evidence, runs, budget, guidance, reports: read first."""

from yorozu.core.access import Role, declare, public, rule

JUDGES = {Role.SME_AGENCY, Role.BUREAU, Role.NATIONAL_HQ, Role.AUDITOR}
LEADERS = {Role.NATIONAL_HQ, Role.BUREAU}
HUB_SIDE = {Role.CHIEF_COORDINATOR, Role.COORDINATOR, Role.IMPLEMENTING_BODY}
# Who may sit on a panel; the right to a hearing comes from the seat, not from the hubs of the role.
RATERS = {Role.NATIONAL_HQ, Role.BUREAU, Role.BOARD_MEMBER, Role.PROJECT_MANAGER}
HUB_SPEAKERS = {Role.CHIEF_COORDINATOR, Role.IMPLEMENTING_BODY}

declare(
    rule("evaluation.surveys.view", "顧客満足度調査・支援機関による評価を見る", JUDGES),
    # The hub side sees the counts of its own hub once they are final.
    rule("evaluation.surveys.hub", "拠点の調査結果を見る", JUDGES | HUB_SIDE),
    rule("evaluation.surveys.import", "調査結果の取込", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.word", "調査票の作成", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.prepare", "調査回の準備", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.draw", "標本の抽出", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.letters", "調査の手紙の作成と受取", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.open", "調査の回答の受付", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.enter", "用紙の回答の入力", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.close", "調査の集計の確定", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.surveys.cancel", "調査の中止", {Role.NATIONAL_HQ}, writes=True),
    public("evaluation.surveys.answer", "調査に回答する"),
    rule("evaluation.hearings.view", "ヒアリングの評点を見る", JUDGES),
    rule("evaluation.hearings.import", "ヒアリング評点の取込", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.author", "チェックリストの作成", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.adopt", "チェックリストの採用", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.plan", "ヒアリングの日程とパネルを見る", JUDGES),
    rule("evaluation.hearings.evaluators", "評価者の登録", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.panel", "日程とパネルの編成", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.schedule", "日程とパネルの確定", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.unschedule", "日程とパネルの組直し", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.refill", "評価者の補充", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.hearings.waive", "評価の制限の解除", {Role.NATIONAL_HQ}, writes=True),
    # Written by the portal when somebody plans, declares or closes; no screen of their own.
    rule("evaluation.hearings.block", "評価の制限の記録", RATERS, writes=True),
    rule("evaluation.hearings.set_aside", "利益相反による評点の除外", RATERS, writes=True),
    # The seat decides which hearing: operations/seats.py.
    rule("evaluation.hearings.declare", "利益相反の宣誓と申告", RATERS, writes=True),
    rule("evaluation.hearings.desk", "評価者の席を見る", RATERS),
    rule("evaluation.hearings.rate", "ヒアリングの採点", RATERS, writes=True),
    rule("evaluation.hearings.open", "採点の開始", RATERS, writes=True),
    rule("evaluation.hearings.lock", "第1回の評点の確定", RATERS, writes=True),
    rule("evaluation.hearings.decide_na", "該当なしの承認", RATERS, writes=True),
    rule("evaluation.hearings.settle", "ヒアリングの確定", RATERS, writes=True),
    rule("evaluation.hearings.evidence_view", "根拠の資料を見る", JUDGES | RATERS),
    rule(
        "evaluation.hearings.initiatives_view",
        "独自の取組を見る",
        JUDGES | RATERS | HUB_SIDE,
    ),
    rule(
        "evaluation.hearings.initiatives",
        "独自の取組の入力",
        {Role.CHIEF_COORDINATOR},
        writes=True,
    ),
    rule(
        "evaluation.hearings.make_sheets",
        "ヒアリング票の一括作成",
        {Role.NATIONAL_HQ},
        writes=True,
    ),
    rule("evaluation.evidence.view", "証拠台帳を見る", JUDGES),
    rule("evaluation.evidence.freeze", "証拠台帳の凍結", {Role.NATIONAL_HQ}, writes=True),
    # The hub side sees published runs only, and of them its own hub: queries.visible_runs decides.
    rule("evaluation.scoring.view", "評価結果を見る", JUDGES | HUB_SIDE),
    rule("evaluation.scoring.analysis", "評価のばらつきと頑健性を見る", JUDGES),
    rule("evaluation.scoring.run", "評価の算定", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.scoring.fix", "評価の確定", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.scoring.publish", "評価の公表", {Role.SME_AGENCY}, writes=True),
    rule("evaluation.scoring.discard", "算定した評価を使わない", {Role.NATIONAL_HQ}, writes=True),
    # Nobody does these by themselves: they follow from the acts above, or the night does them.
    rule("evaluation.scoring.supersede", "評価の差替え", (), writes=True),
    rule("evaluation.scoring.recheck", "確定した評価の再計算", (), writes=True),
    rule("evaluation.scoring.remind_facts", "事実確認の期限の連絡", (), writes=True),
    # The facts of the own book and the own score, never a rank, stand open to the hub from the
    # fact check on.
    rule("evaluation.scoring.facts", "評価に使う事実を見る", JUDGES | HUB_SIDE),
    rule("evaluation.scoring.fact_matrix", "事実確認の状況を見る", JUDGES),
    rule("evaluation.scoring.ask_facts", "事実確認の依頼", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.scoring.close_facts", "事実確認の終了", {Role.NATIONAL_HQ}, writes=True),
    rule(
        "evaluation.scoring.confirm_facts", "事実確認の回答", {Role.CHIEF_COORDINATOR}, writes=True
    ),
    rule("evaluation.scoring.remark", "事実への意見・異議", HUB_SPEAKERS, writes=True),
    rule("evaluation.scoring.withdraw_remark", "意見・異議の取下げ", HUB_SPEAKERS, writes=True),
    rule("evaluation.scoring.accept_remark", "異議を認める", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.scoring.reject_remark", "異議を認めない", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.scoring.note_remark", "意見を承知する", {Role.NATIONAL_HQ}, writes=True),
    rule(
        "evaluation.scoring.panel",
        "審査会の調整を見る",
        {Role.SME_AGENCY, Role.NATIONAL_HQ, Role.AUDITOR},
    ),
    rule("evaluation.scoring.adjust", "審査会の調整の提案", {Role.NATIONAL_HQ}, writes=True),
    rule(
        "evaluation.scoring.second_adjustment",
        "審査会の調整の承認",
        {Role.NATIONAL_HQ},
        writes=True,
    ),
    rule(
        "evaluation.scoring.drop_adjustment",
        "審査会の調整の取下げ",
        {Role.NATIONAL_HQ},
        writes=True,
    ),
    rule(
        "evaluation.scoring.apply_adjustments",
        "審査会の調整の反映",
        {Role.NATIONAL_HQ},
        writes=True,
    ),
    rule(
        "evaluation.budget.view",
        "配分案を見る",
        {Role.SME_AGENCY, Role.NATIONAL_HQ, Role.BUREAU, Role.AUDITOR},
    ),
    rule(
        "evaluation.budget.compute",
        "配分案の算定",
        {Role.SME_AGENCY, Role.NATIONAL_HQ},
        writes=True,
    ),
    rule("evaluation.budget.adopt", "配分案の採用", {Role.SME_AGENCY}, writes=True),
    rule("evaluation.budget.recheck", "配分案の再計算", (), writes=True),
    rule("evaluation.budget.paper", "配分案のPDF作成", JUDGES, writes=True),
    rule("evaluation.reports.view", "評価票を見る", JUDGES | HUB_SIDE),
    rule("evaluation.reports.remark", "講評の記入", {Role.NATIONAL_HQ}, writes=True),
    rule(
        "evaluation.reports.certify",
        "算定の証明と検証用ファイル",
        {Role.SME_AGENCY, Role.NATIONAL_HQ, Role.AUDITOR},
    ),
    rule("evaluation.reports.national", "全国の実績取りまとめを見る", JUDGES),
    rule(
        "evaluation.reports.make",
        "評価票の一括作成",
        {Role.NATIONAL_HQ, Role.SME_AGENCY},
        writes=True,
    ),
    # Published runs only for the hub side, and of them its own hub, as with the results themselves.
    rule("evaluation.desk.explain", "点数の理由と上げ方を見る", JUDGES | HUB_SIDE),
    rule(
        "evaluation.desk.workbench",
        "評価ワークベンチを見る",
        {Role.NATIONAL_HQ, Role.SME_AGENCY, Role.AUDITOR},
    ),
    # Of a running year: the hub side its own hub, a bureau its area. Nothing is kept.
    rule("evaluation.desk.simulate", "評価の試算", JUDGES | HUB_SIDE),
    # Guidance: HQ opens, HQ and the bureau lead, the hub agrees and acts, the state reads.
    rule("evaluation.guidance.view", "重点指導を見る", JUDGES | HUB_SIDE),
    rule("evaluation.guidance.open", "重点指導の発動と見送り", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.guidance.plan", "重点指導の計画の作成", LEADERS, writes=True),
    rule(
        "evaluation.guidance.agree",
        "重点指導の計画への合意",
        {Role.CHIEF_COORDINATOR, Role.IMPLEMENTING_BODY, Role.BUREAU},
        writes=True,
    ),
    rule("evaluation.guidance.start", "重点指導の実施の開始", LEADERS, writes=True),
    rule("evaluation.guidance.replan", "重点指導の計画の見直し", LEADERS, writes=True),
    rule("evaluation.guidance.note", "重点指導への意見", LEADERS | HUB_SIDE, writes=True),
    rule("evaluation.guidance.evidence", "取組の資料の追加", LEADERS | HUB_SIDE, writes=True),
    rule("evaluation.guidance.finish", "取組の完了", LEADERS | HUB_SIDE, writes=True),
    rule("evaluation.guidance.report", "重要な取組の完了報告", LEADERS | HUB_SIDE, writes=True),
    rule("evaluation.guidance.confirm", "重要な取組の完了の確認", LEADERS, writes=True),
    rule("evaluation.guidance.return", "取組の差戻し", LEADERS, writes=True),
    rule("evaluation.guidance.drop", "取組の中止", LEADERS, writes=True),
    rule("evaluation.guidance.checkpoint", "重点指導の点検", LEADERS, writes=True),
    rule("evaluation.guidance.resume", "重点指導の実施の再開", LEADERS, writes=True),
    rule("evaluation.guidance.release", "重点指導の解除", LEADERS, writes=True),
    rule("evaluation.guidance.continue", "重点指導の継続", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.guidance.raise", "重点指導の引上げ", {Role.NATIONAL_HQ}, writes=True),
    rule("evaluation.guidance.cancel", "重点指導の取消し", {Role.NATIONAL_HQ}, writes=True),
    # The nightly run: no person does it.
    rule("evaluation.guidance.escalate", "期限を過ぎた取組の通知", (), writes=True),
)
