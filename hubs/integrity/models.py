"""Integrity flags: a question about reported figures, the hub's answers, the bureau's decision."""

import json
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.integrity.rules import METHODS, Check, version_name
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Role, Row_co, Scope, ScopedQuerySet
from yorozu.core.fiscal import nendo, wareki_month
from yorozu.core.guards import Guard, append_only, frozen_columns

HUB_SIDE = frozenset({Role.CHIEF_COORDINATOR, Role.COORDINATOR, Role.IMPLEMENTING_BODY})
CHECKS = [(check.value, check.label) for check in Check]


class FlagState(models.TextChoices):
    """Where a flag stands: the hub's turn, the bureau's turn, a finding that lasts, or over."""

    RAISED = "raised", "拠点の説明待ち"
    WAITING = "waiting", "判断待ち"
    FINDING = "finding", "指摘あり"
    CLOSED = "closed", "終了"


class Outcome(models.TextChoices):
    """How a flag was decided; a finding may later be settled, then its outcome is 解消."""

    EXPLAINED = "explained", "説明により確認"
    CORRECTED = "corrected", "修正により確認"
    FINDING = "finding", "指摘"
    RESOLVED = "resolved", "解消"


class FlagQuerySet(ScopedQuerySet[Row_co]):
    """The door to flags."""

    def visible_to(self, scope: Scope) -> Self:
        """The hub sees its own from the first day, everybody else when it has had its say.

        Flags of the whole network are for the nation only.
        """
        rows = super().visible_to(scope)
        return rows if scope.role in HUB_SIDE else rows.exclude(state=FlagState.RAISED)


class IntegrityFlag(models.Model):
    """One question about figures of one hub (or of the network, ``hub`` empty) in one term.

    ``subject`` says about what: month/indicator, year/indicator or year. The same subject is asked
    again, as a new ``round``, only when the figures behind it have changed (``basis_hash``).
    A flag never touches a score, a grade or money by itself.
    """

    hub = models.ForeignKey(
        Hub,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="拠点",
    )
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    check_code = models.CharField("確認の種類", max_length=12, choices=CHECKS)
    rule_version = models.CharField("基準の版", max_length=20)
    subject = models.CharField("対象", max_length=20)
    month = models.DateField("対象月", null=True, blank=True)
    indicator_code = models.CharField("活動指標", max_length=8, blank=True)
    round = models.PositiveSmallIntegerField("回", default=1)
    sentence = models.CharField("確認したいこと", max_length=400)
    basis_hash = models.CharField("根拠のハッシュ", max_length=64)
    figures = models.TextField("根拠となる数値")
    state = models.CharField(
        "状態", max_length=8, choices=FlagState.choices, default=FlagState.RAISED
    )
    outcome = models.CharField("判断", max_length=10, choices=Outcome.choices, blank=True)
    first_seen = models.DateField("最初に見つかった日")
    last_seen = models.DateField("最後に見つかった日")
    answer_due = models.DateField("説明の期限")

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = "確認事項"
        verbose_name_plural = "確認事項"
        ordering = ["-first_seen", "hub", "check_code", "subject", "-round"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "term", "check_code", "subject", "round"],
                name="one_flag_per_subject_and_round",
            ),
            models.UniqueConstraint(
                fields=["term", "check_code", "subject", "round"],
                condition=Q(hub__isnull=True),
                name="one_national_flag_per_round",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[FlagState.RAISED, FlagState.WAITING], outcome="")
                | Q(state=FlagState.FINDING, outcome=Outcome.FINDING)
                | Q(
                    state=FlagState.CLOSED,
                    outcome__in=[Outcome.EXPLAINED, Outcome.CORRECTED, Outcome.RESOLVED],
                ),
                name="flag_outcome_fits_its_state",
            ),
        ]
        indexes = [models.Index(fields=["term", "state"], name="flags_by_state")]

    def __str__(self) -> str:
        whose = str(self.hub) if self.hub_id else "全国"
        when = wareki_month(self.month) if self.month else nendo(self.term.fiscal_year)
        return f"{whose} {self.kind.label}（{when}）"

    @property
    def kind(self) -> Check:
        """What was looked at."""
        return Check(self.check_code)

    @property
    def opened(self) -> dict[str, Any]:
        """The figures behind the flag, as ``rules.material.Figures`` wrote them."""
        read: dict[str, Any] = json.loads(self.figures)
        return read

    @property
    def is_open(self) -> bool:
        """Somebody still has to act."""
        return self.state != FlagState.CLOSED

    @property
    def rule_version_name(self) -> str:
        """The version of the thresholds in words."""
        return version_name(self.rule_version)

    @property
    def is_known_version(self) -> bool:
        """Whether the thresholds it was raised by are still in the table."""
        return self.rule_version in METHODS


class FlagNote(models.Model):
    """What the hub says to a flag; never changed, more may follow."""

    flag = models.ForeignKey(
        IntegrityFlag, on_delete=models.PROTECT, related_name="notes", verbose_name="確認事項"
    )
    text = models.TextField("説明")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記入した利用者",
    )
    by_name = models.CharField("記入者", max_length=200)
    at = models.DateTimeField("記入日時", default=clock.now)

    class Meta:
        verbose_name = "確認事項への説明"
        verbose_name_plural = "確認事項への説明"
        ordering = ["flag", "at", "id"]

    def __str__(self) -> str:
        return f"{self.flag}：{self.text[:40]}"


class FlagDecision(models.Model):
    """What was decided on a flag and why; by the system when the cause had vanished."""

    flag = models.ForeignKey(
        IntegrityFlag, on_delete=models.PROTECT, related_name="decisions", verbose_name="確認事項"
    )
    outcome = models.CharField("判断", max_length=10, choices=Outcome.choices)
    reason = models.TextField("理由")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="判断した利用者",
    )
    by_name = models.CharField("判断者", max_length=200)
    at = models.DateTimeField("判断日時", default=clock.now)

    class Meta:
        verbose_name = "確認事項の判断"
        verbose_name_plural = "確認事項の判断"
        ordering = ["flag", "at", "id"]

    def __str__(self) -> str:
        return f"{self.flag}：{self.get_outcome_display()}"


_FLAG = "hubs_integrityflag"
_ASKED = [
    "hub_id",
    "term_id",
    "check_code",
    "subject",
    "month",
    "indicator_code",
    "round",
    "first_seen",
]
_SAID = ["rule_version", "sentence", "basis_hash", "figures", "answer_due"]
_HELD = "確認事項の記録は変更も削除もできません。"
GUARDS = [
    frozen_columns(_FLAG, _ASKED, "1 = 1", _HELD),
    # What the hub has answered and the bureau decides on stays what it was.
    Guard(
        _FLAG,
        "UPDATE",
        "OLD.state <> 'raised' AND ("
        + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _SAID)
        + ")",
        _HELD,
        "said",
    ),
    Guard(
        _FLAG,
        "UPDATE",
        "OLD.state = 'closed' AND (NEW.state <> 'closed' OR NEW.outcome <> OLD.outcome)",
        "終了した確認事項は変更できません。",
        "closed",
    ),
    Guard(_FLAG, "DELETE", "", _HELD),
    *append_only("hubs_flagnote", "確認事項への説明は変更も削除もできません。"),
    *append_only("hubs_flagdecision", "確認事項の判断は変更も削除もできません。"),
]
