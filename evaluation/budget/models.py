"""Budget scenarios: a proposal (配分案) computed from one run and one parameter set."""

from django.conf import settings
from django.db import models

from evaluation.scoring.models import EvaluationRun
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, append_only, frozen_columns


class BudgetRule(models.Model):
    """A version of the budget rule (配分基準): parameters as canonical text."""

    code = models.CharField("コード", max_length=40)
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)

    class Meta:
        verbose_name = "配分基準"
        verbose_name_plural = "配分基準"
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_budget_rule_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class ScenarioState(models.TextChoices):
    """States of a scenario; one per run is adopted, the others stay on record."""

    PROPOSED = "proposed", "案"
    ADOPTED = "adopted", "採用"


class BudgetScenario(models.Model):
    """One fixed run + one parameter set -> yen per hub; its content never changes once computed."""

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.PROTECT, related_name="scenarios", verbose_name="評価"
    )
    number = models.PositiveSmallIntegerField("番号")
    title = models.CharField("名称", max_length=80)
    state = models.CharField(
        "状態", max_length=12, choices=ScenarioState.choices, default=ScenarioState.PROPOSED
    )
    rule = models.ForeignKey(
        BudgetRule, on_delete=models.PROTECT, related_name="scenarios", verbose_name="配分基準"
    )
    fiscal_year = models.PositiveSmallIntegerField("対象年度")
    total_yen = models.BigIntegerField("予算総額（円）")
    distributed_yen = models.BigIntegerField("配分額（円）")
    reserve_yen = models.BigIntegerField("留保額（円）")
    engine = models.CharField("計算方式", max_length=10)
    snapshot = models.TextField("入力")
    input_hash = models.CharField("入力のハッシュ", max_length=64)
    result = models.TextField("結果")
    result_hash = models.CharField("結果のハッシュ", max_length=64)
    previous_hash = models.CharField("前のハッシュ", max_length=64)
    job_id = models.BigIntegerField("ジョブ番号", null=True, blank=True, unique=True)
    computed_at = models.DateTimeField("算定日時", default=clock.now)
    computed_by_name = models.CharField("算定した人", max_length=200)
    adopted_at = models.DateTimeField("採用日時", null=True, blank=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="採用者",
    )
    adoption_reason = models.TextField("採用の理由", blank=True)

    class Meta:
        verbose_name = "配分案"
        verbose_name_plural = "配分案"
        ordering = ["-run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_scenario_per_number"),
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(state=ScenarioState.ADOPTED),
                name="one_adopted_scenario_per_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.run}）"


class BudgetLine(models.Model):
    """The yen of one hub in one scenario and the waterfall that adds up to them (3.6)."""

    scenario = models.ForeignKey(
        BudgetScenario, on_delete=models.CASCADE, related_name="lines", verbose_name="配分案"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    hub_name = models.CharField("拠点名", max_length=40)
    score = models.DecimalField("総合点", max_digits=5, decimal_places=2, null=True)
    multiplier = models.DecimalField("係数", max_digits=8, decimal_places=6)
    prior_yen = models.BigIntegerField("前年度契約額（円）", null=True)
    struct_yen = models.BigIntegerField("構造額（円）")
    base_yen = models.BigIntegerField("均等分（円）")
    need_yen = models.BigIntegerField("需要分（円）")
    limits_1_yen = models.BigIntegerField("第1段階の上下限（円）")
    performance_yen = models.BigIntegerField("評価反映（円）")
    limits_2_yen = models.BigIntegerField("第2段階の上下限（円）")
    rounding_yen = models.BigIntegerField("端数（円）")
    budget_yen = models.BigIntegerField("配分案（円）")
    bound_1 = models.CharField("第1段階の制限", max_length=8, blank=True)
    bound_2 = models.CharField("第2段階の制限", max_length=8, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "配分案の明細"
        verbose_name_plural = "配分案の明細"
        ordering = ["scenario", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "hub"], name="one_budget_line_per_hub")
        ]

    def __str__(self) -> str:
        return f"{self.scenario} {self.hub_name}"


_HELD = "配分案は計算後に変更できません。"
GUARDS = [
    frozen_columns(
        "evaluation_budgetscenario",
        [
            "run_id",
            "number",
            "rule_id",
            "fiscal_year",
            "total_yen",
            "distributed_yen",
            "reserve_yen",
            "engine",
            "snapshot",
            "input_hash",
            "result",
            "result_hash",
            "previous_hash",
        ],
        "1 = 1",
        _HELD,
    ),
    Guard("evaluation_budgetscenario", "DELETE", "", _HELD),
    *append_only("evaluation_budgetline", _HELD),
    *append_only("evaluation_budgetrule", "配分基準は変更も削除もできません。"),
]
