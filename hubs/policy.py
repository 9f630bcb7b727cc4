"""Who may do what with hubs, people, terms, plans and results: the page to read first."""

from yorozu.core.access import ALL_ROLES, Role, declare, rule

STATE_AND_HQ = {Role.SME_AGENCY, Role.BUREAU, Role.NATIONAL_HQ, Role.AUDITOR}
HUB_SIDE = {Role.CHIEF_COORDINATOR, Role.COORDINATOR, Role.IMPLEMENTING_BODY}
AT_THE_DESK = {Role.CHIEF_COORDINATOR, Role.COORDINATOR}
READERS = STATE_AND_HQ | HUB_SIDE | {Role.PROJECT_MANAGER}

declare(
    rule("hubs.network.view", "拠点の一覧と拠点カルテを見る", ALL_ROLES),
    rule("hubs.network.contracts", "委託契約の内容を見る", READERS | {Role.SYSTEM_ADMIN}),
    rule(
        "hubs.network.import",
        "委託契約・地域の数値の取込",
        {Role.NATIONAL_HQ, Role.SYSTEM_ADMIN},
        writes=True,
    ),
    rule("hubs.network.grant", "役割の付与と終了", {Role.SYSTEM_ADMIN}, writes=True),
    rule("hubs.people.view", "拠点の体制を見る", READERS | {Role.SYSTEM_ADMIN}),
    rule("hubs.people.summary", "保有資格の集計を見る", ALL_ROLES),
    rule(
        "hubs.people.import",
        "体制・保有資格調査の取込",
        {Role.NATIONAL_HQ, Role.SYSTEM_ADMIN},
        writes=True,
    ),
    rule(
        "hubs.people.end_engagement",
        "コーディネーターの契約終了の記録",
        {Role.NATIONAL_HQ, Role.SYSTEM_ADMIN},
        writes=True,
    ),
    rule("hubs.partners.view", "支援機関の一覧を見る", READERS | {Role.LIAISON_EXPERT}),
    rule("hubs.partners.enter", "支援機関の登録", AT_THE_DESK, writes=True),
    rule("hubs.terms.view", "期と活動方針を見る", ALL_ROLES),
    rule("hubs.terms.open", "期の開始", {Role.SYSTEM_ADMIN, Role.NATIONAL_HQ}, writes=True),
    rule("hubs.terms.close", "期の終了", {Role.SYSTEM_ADMIN, Role.NATIONAL_HQ}, writes=True),
    rule(
        "hubs.terms.draft_policy",
        "活動方針の作成",
        {Role.SME_AGENCY, Role.NATIONAL_HQ},
        writes=True,
    ),
    rule("hubs.terms.publish_policy", "活動方針の公表", {Role.SME_AGENCY}, writes=True),
    rule("hubs.plans.view", "事業計画を見る", READERS),
    rule("hubs.plans.edit", "事業計画の作成", {Role.CHIEF_COORDINATOR}, writes=True),
    rule("hubs.plans.submit", "事業計画の提出", {Role.CHIEF_COORDINATOR}, writes=True),
    rule("hubs.plans.return", "事業計画の差戻し", {Role.BUREAU}, writes=True),
    rule("hubs.plans.record_interview", "期初面談の記録", {Role.BUREAU}, writes=True),
    rule("hubs.plans.finalize", "事業計画の確定", {Role.BUREAU}, writes=True),
    rule("hubs.plans.import", "事業計画の取込", {Role.NATIONAL_HQ}, writes=True),
    rule("hubs.ledger.view", "相談記録を見る", READERS),
    rule("hubs.ledger.enter", "相談記録の入力", AT_THE_DESK, writes=True),
    rule("hubs.ledger.correct", "相談記録の訂正と取消", AT_THE_DESK, writes=True),
    rule("hubs.ledger.check", "課題解決の抽出確認", {Role.BUREAU, Role.NATIONAL_HQ}, writes=True),
    rule(
        "hubs.ledger.export",
        "相談記録の出力",
        HUB_SIDE | {Role.BUREAU, Role.NATIONAL_HQ, Role.AUDITOR},
        writes=True,
    ),
    rule(
        "hubs.ledger.import",
        "相談記録の取込",
        {Role.CHIEF_COORDINATOR, Role.NATIONAL_HQ},
        writes=True,
    ),
    rule("hubs.ledger.codes", "コード表の改訂", {Role.NATIONAL_HQ}, writes=True),
    rule("hubs.results.view", "月次実績を見る", READERS),
    rule("hubs.results.enter", "月次実績の入力", {Role.CHIEF_COORDINATOR}, writes=True),
    rule("hubs.results.submit", "月次実績の提出", {Role.CHIEF_COORDINATOR}, writes=True),
    rule(
        "hubs.results.confirm",
        "実施機関による月次実績の確認",
        {Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule("hubs.results.accept", "月次実績の確認", {Role.BUREAU}, writes=True),
    rule(
        "hubs.results.return",
        "月次実績の差戻し",
        {Role.BUREAU, Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule("hubs.results.withdraw", "月次実績の提出の取下げ", {Role.CHIEF_COORDINATOR}, writes=True),
    rule(
        "hubs.results.correction_request",
        "確認済の実績の修正申請",
        {Role.CHIEF_COORDINATOR, Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule(
        "hubs.results.correction_withdraw",
        "実績の修正申請の取下げ",
        {Role.CHIEF_COORDINATOR, Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule(
        "hubs.results.correction_confirm",
        "実施機関による実績の修正の確認",
        {Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule(
        "hubs.results.correction_decline",
        "実施機関による実績の修正の不承認",
        {Role.IMPLEMENTING_BODY},
        writes=True,
    ),
    rule("hubs.results.correction_accept", "実績の修正の反映", {Role.BUREAU}, writes=True),
    rule("hubs.results.correction_refuse", "実績の修正の不承認", {Role.BUREAU}, writes=True),
    rule("hubs.results.compile", "実績取りまとめを見る", STATE_AND_HQ),
    rule(
        "hubs.results.remind",
        "月次実績の督促",
        {Role.BUREAU, Role.NATIONAL_HQ},
        writes=True,
    ),
    rule(
        "hubs.results.import",
        "月次実績の取込",
        {Role.CHIEF_COORDINATOR, Role.NATIONAL_HQ},
        writes=True,
    ),
)
