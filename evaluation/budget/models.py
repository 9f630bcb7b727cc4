"""Budget scenarios: a proposal (配分案) computed from one run and one parameter set."""

from django.conf import settings
from django.db import models

from evaluation.budget.rules.redistribute import FLOORS_SCALED
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
    note = models.TextField("説明", blank=True)
    based_on = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="もとにした配分案",
    )
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
    computed_by_id = models.BigIntegerField("算定した人の番号", null=True, blank=True)
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
    adopted_by_name = models.CharField("採用者の氏名と所属", max_length=200, blank=True)
    adoption_reason = models.TextField("採用の理由", blank=True)
    document_number = models.CharField("文書番号", max_length=60, blank=True)
    flags_reason = models.TextField("下限の圧縮を認めた理由", blank=True)

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
            # Four eyes (reliability.md 2.3.5); a scenario of the system has no such person.
            models.CheckConstraint(
                condition=~models.Q(state=ScenarioState.ADOPTED)
                | models.Q(computed_by_id=None)
                | models.Q(adopted_by=None)
                | ~models.Q(adopted_by=models.F("computed_by_id")),
                name="scenario_adopted_by_another",
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
    # Of engine v2 on; None in what v1 computed, and years also when the formula is out of reach.
    formula_yen = models.BigIntegerField("配分式の額（円）", null=True)
    years_to_formula = models.PositiveSmallIntegerField("配分式の額までの年数", null=True)
    per_point_yen = models.BigIntegerField("1点あたりの額（円）", null=True)
    # A correction of last year's contracted amount; beside the proposal, never part of it.
    carry_over_yen = models.BigIntegerField("前年度の訂正による繰越調整（円）", default=0)

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

    @property
    def change(self) -> int | None:
        """Yen against last year's contract; None for a new hub."""
        return None if self.prior_yen is None else self.budget_yen - self.prior_yen


class FundingLine(models.Model):
    """One funding line (予算区分) of a scenario's envelope: what the hubs get and what it keeps."""

    scenario = models.ForeignKey(
        BudgetScenario,
        on_delete=models.CASCADE,
        related_name="funding_lines",
        verbose_name="配分案",
    )
    order = models.PositiveSmallIntegerField("並び順")
    name = models.CharField("予算区分", max_length=40)
    total_yen = models.BigIntegerField("区分の総額（円）")
    distributed_yen = models.BigIntegerField("配分額（円）")
    reserve_yen = models.BigIntegerField("留保額（円）")

    class Meta:
        verbose_name = "配分案の予算区分"
        verbose_name_plural = "配分案の予算区分"
        ordering = ["scenario", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "order"], name="one_funding_line_per_place"
            ),
            models.UniqueConstraint(fields=["scenario", "name"], name="one_funding_line_per_name"),
            models.CheckConstraint(
                condition=models.Q(total_yen=models.F("distributed_yen") + models.F("reserve_yen")),
                name="funding_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scenario} {self.name}"


class FundingShare(models.Model):
    """The yen of one hub out of one funding line; over the lines they are the hub's amount."""

    line = models.ForeignKey(
        BudgetLine, on_delete=models.CASCADE, related_name="shares", verbose_name="配分案の明細"
    )
    funding_line = models.ForeignKey(
        FundingLine, on_delete=models.CASCADE, related_name="shares", verbose_name="予算区分"
    )
    yen = models.BigIntegerField("金額（円）")

    class Meta:
        verbose_name = "予算区分別の配分額"
        verbose_name_plural = "予算区分別の配分額"
        ordering = ["line", "funding_line"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "funding_line"], name="one_share_per_hub_and_funding_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.funding_line.name}"


_HELD = "配分案は計算後に変更できません。"
_ADOPTED = "採用した配分案の記録は変更できません。"
_IS_ADOPTED = (
    "EXISTS (SELECT 1 FROM evaluation_budgetscenario s WHERE s.id = {} AND s.state = 'adopted')"
)
GUARDS = [
    frozen_columns(
        "evaluation_budgetscenario",
        [
            "run_id",
            "number",
            "title",
            "note",
            "based_on_id",
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
            "computed_at",
            "computed_by_id",
            "computed_by_name",
        ],
        "1 = 1",
        _HELD,
    ),
    Guard(
        "evaluation_budgetscenario",
        "UPDATE",
        "OLD.state = 'adopted'",
        _ADOPTED,
        "adopted",
    ),
    Guard(
        "evaluation_budgetscenario",
        "UPDATE",
        "NEW.state = 'adopted' AND "
        "(NEW.adopted_at IS NULL OR NEW.adoption_reason = '' OR (NEW.flags_reason = '' "
        f"AND OLD.result LIKE '%{FLOORS_SCALED}%'))",
        "配分案の採用には日時と理由が、下限を圧縮した案ではそれを認める理由も必要です。",
        "reasons",
    ),
    Guard("evaluation_budgetscenario", "DELETE", "", _HELD),
    *append_only("evaluation_budgetline", _HELD),
    *append_only("evaluation_fundingline", _HELD),
    *append_only("evaluation_fundingshare", _HELD),
    # A scenario is inserted complete; nothing joins it once it is adopted.
    Guard("evaluation_budgetline", "INSERT", _IS_ADOPTED.format("NEW.scenario_id"), _ADOPTED),
    Guard("evaluation_fundingline", "INSERT", _IS_ADOPTED.format("NEW.scenario_id"), _ADOPTED),
    Guard(
        "evaluation_fundingshare",
        "INSERT",
        _IS_ADOPTED.format(
            "(SELECT l.scenario_id FROM evaluation_budgetline l WHERE l.id = NEW.line_id)"
        ),
        _ADOPTED,
    ),
    *append_only("evaluation_budgetrule", "配分基準は変更も削除もできません。"),
]
