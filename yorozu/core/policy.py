"""Who may use the ground: jobs, imports, audit, notices (others: hubs, evaluation, portal)."""

from yorozu.core.access import ALL_ROLES, Role, declare, public, rule

declare(
    public("core.health", "稼働確認"),
    rule("core.jobs.view", "ジョブの進み具合を見る", ALL_ROLES),
    rule("core.jobs.retry", "失敗したジョブのやり直し", ALL_ROLES - {Role.AUDITOR}, writes=True),
    rule("core.notices.view", "通知を見る", ALL_ROLES),
    rule("core.notices.read", "通知を既読にする", ALL_ROLES, writes=True),
    rule("core.notices.settings", "通知メールの受取りの設定", ALL_ROLES, writes=True),
    rule("core.roles.switch", "役割の切替え", ALL_ROLES, writes=True),
    rule(
        "core.imports.view",
        "取込の一覧と結果を見る",
        {
            Role.SYSTEM_ADMIN,
            Role.NATIONAL_HQ,
            Role.CHIEF_COORDINATOR,
            Role.AUDITOR,
        },
    ),
    rule(
        "core.imports.use",
        "ファイルの取込",
        {Role.SYSTEM_ADMIN, Role.NATIONAL_HQ, Role.CHIEF_COORDINATOR},
        writes=True,
    ),
    rule(
        "core.audit.view",
        "監査記録を見る",
        {Role.SYSTEM_ADMIN, Role.AUDITOR, Role.SME_AGENCY, Role.NATIONAL_HQ, Role.BUREAU},
    ),
    rule("core.accounts.view", "利用者の一覧を見る", {Role.SYSTEM_ADMIN, Role.AUDITOR}),
    rule("core.accounts.lock", "利用者の停止と再開", {Role.SYSTEM_ADMIN}, writes=True),
)
