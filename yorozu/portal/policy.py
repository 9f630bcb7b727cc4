"""Who may use the top floor."""

from yorozu.core.access import ALL_ROLES, Role, declare, rule

declare(
    rule("portal.home", "ホームを見る", ALL_ROLES),
    rule("portal.search", "検索", ALL_ROLES),
    rule(
        "portal.matrix",
        "工程マトリクスを見る",
        {
            Role.SME_AGENCY,
            Role.BUREAU,
            Role.NATIONAL_HQ,
            Role.PROJECT_MANAGER,
            Role.IMPLEMENTING_BODY,
            Role.AUDITOR,
        },
    ),
)
