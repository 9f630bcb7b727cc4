"""Scoring schemes and evaluation runs: snapshot and result as text, held by triggers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluation.evidence.models import EvidenceBook
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_columns


class ScoringScheme(models.Model):
    """A version of the scoring scheme (評価基準); locked, it never changes (evaluation.md 5)."""

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="期"
    )
    code = models.CharField("コード", max_length=40)
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)
    is_locked = models.BooleanField("確定", default=False)
    locked_at = models.DateTimeField("確定日時", null=True, blank=True)

    class Meta:
        verbose_name = "評価基準"
        verbose_name_plural = "評価基準"
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_scheme_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class RunKind(models.TextChoices):
    """Kinds of evaluation run; only trial runs may be deleted."""

    TRIAL = "trial", "試行"
    PROVISIONAL = "provisional", "暫定"
    FINAL = "final", "確定"
    APPEAL = "appeal", "再審査"


# The judgement of the year; a provisional cut stands before it, a trial is for looking.
YEARS_END = frozenset({RunKind.FINAL, RunKind.APPEAL})


class Succession(models.TextChoices):
    """Why a run takes the place of another one."""

    NONE = "", "なし"
    CORRECTION = "correction", "訂正"
    ADJUSTMENT = "adjustment", "審査会の調整"


class RunState(models.TextChoices):
    """States of an evaluation run."""

    COMPUTED = "computed", "算定済"
    FACT_CHECK = "fact_check", "事実確認中"
    PANEL = "panel", "審査中"
    FIXED = "fixed", "確定"
    PUBLISHED = "published", "公表"
    SUPERSEDED = "superseded", "差替え済"


class EvaluationRun(models.Model):
    """One computation over all hubs: snapshot -> result, both canonical text with hash, chained.

    The row is inserted complete; afterwards only its state and the names and dates of the acts
    may move.
    """

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    number = models.PositiveSmallIntegerField("番号")
    kind = models.CharField("種別", max_length=12, choices=RunKind.choices)
    state = models.CharField(
        "状態", max_length=12, choices=RunState.choices, default=RunState.COMPUTED
    )
    engine = models.CharField("計算方式", max_length=10)
    scheme = models.ForeignKey(
        ScoringScheme, on_delete=models.PROTECT, related_name="runs", verbose_name="評価基準"
    )
    snapshot = models.TextField("入力")
    input_hash = models.CharField("入力のハッシュ", max_length=64)
    result = models.TextField("結果")
    result_hash = models.CharField("結果のハッシュ", max_length=64)
    previous_hash = models.CharField("前のハッシュ", max_length=64)
    as_of = models.DateField("基準日", null=True, blank=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name="差し替える評価",
    )
    succession = models.CharField(
        "差替えの理由", max_length=12, choices=Succession.choices, blank=True
    )
    job_id = models.BigIntegerField("ジョブ番号", null=True, blank=True, unique=True)
    computed_at = models.DateTimeField("算定日時", default=clock.now)
    computed_by_id = models.BigIntegerField("算定した人の番号", null=True, blank=True)
    computed_by_name = models.CharField("算定した人", max_length=200)
    fixed_at = models.DateTimeField("確定日時", null=True, blank=True)
    fixed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確定者",
    )
    published_at = models.DateTimeField("公表日時", null=True, blank=True)

    class Meta:
        verbose_name = "評価の実行"
        verbose_name_plural = "評価の実行"
        ordering = ["-term", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["term", "number"], name="one_run_per_number"),
            models.CheckConstraint(
                condition=~Q(state__in=[RunState.FIXED, RunState.PUBLISHED])
                | Q(fixed_at__isnull=False),
                name="fixed_run_has_date",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, succession="")
                | Q(supersedes__isnull=False, succession__in=["correction", "adjustment"]),
                name="successor_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} 評価 第{self.number}回（{self.get_kind_display()}）"

    @property
    def is_pending(self) -> bool:
        """Neither published nor given way: words and figures beside it may still move."""
        return self.state not in {RunState.PUBLISHED, RunState.SUPERSEDED}


class RunHubResult(models.Model):
    """The judgement of one hub in one run, for lists and joins; the run's text stays the truth."""

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.CASCADE, related_name="hub_results", verbose_name="評価"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    hub_name = models.CharField("拠点名", max_length=40)
    bureau_name = models.CharField("経済産業局", max_length=40)
    evidence_book = models.ForeignKey(
        EvidenceBook,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="証拠台帳",
    )
    mechanical = models.DecimalField("算定点", max_digits=5, decimal_places=2, null=True)
    final = models.DecimalField("総合点", max_digits=5, decimal_places=2, null=True)
    is_graded = models.BooleanField("評語あり")
    grade = models.CharField("評語", max_length=2, blank=True)
    rank = models.PositiveSmallIntegerField("順位", null=True)
    coverage = models.DecimalField("充足率", max_digits=5, decimal_places=2)
    gates = models.TextField("上限の理由", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "拠点の評価結果"
        verbose_name_plural = "拠点の評価結果"
        ordering = ["run", "hub"]
        constraints = [models.UniqueConstraint(fields=["run", "hub"], name="one_result_per_hub")]

    def __str__(self) -> str:
        return f"{self.run} {self.hub_name}"


class RunItemResult(models.Model):
    """One line of arithmetic: input -> ratio or mean -> points -> weight -> contribution.

    It is one row of the explanation.
    """

    hub_result = models.ForeignKey(
        RunHubResult, on_delete=models.CASCADE, related_name="items", verbose_name="拠点の評価結果"
    )
    level = models.CharField("段", max_length=12)
    component = models.CharField("評価区分", max_length=8, blank=True)
    item = models.CharField("項目", max_length=16, blank=True)
    label = models.CharField("名称", max_length=200)
    status = models.CharField("状況", max_length=10)
    weight = models.DecimalField("重み", max_digits=9, decimal_places=4, null=True)
    points = models.DecimalField("得点", max_digits=7, decimal_places=4, null=True)
    contribution = models.DecimalField("寄与", max_digits=7, decimal_places=4, null=True)
    formula = models.TextField("計算", blank=True)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "項目の評価結果"
        verbose_name_plural = "項目の評価結果"
        ordering = ["hub_result", "order"]

    def __str__(self) -> str:
        return f"{self.hub_result} {self.label}"


_RUN = "評価の実行は計算後に変更できません。"
_ROWS = "評価結果は変更できません。"
# Every way a state may go, also by SQL: (from, to). A provisional run needs no fact check.
WAYS = (
    ("computed", "fact_check"),
    ("computed", "fixed"),
    ("computed", "superseded"),
    ("fact_check", "panel"),
    ("fact_check", "superseded"),
    ("panel", "fixed"),
    ("panel", "superseded"),
    ("fixed", "published"),
    ("fixed", "superseded"),
    ("published", "superseded"),
)
_KNOWN_WAY = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in WAYS)
_HELD = (
    "evaluation_evaluationrun r WHERE r.id = {} AND (r.kind <> 'trial' OR r.state <> 'computed')"
)
GUARDS = [
    frozen_columns(
        "evaluation_evaluationrun",
        [
            "term_id",
            "number",
            "kind",
            "engine",
            "scheme_id",
            "snapshot",
            "input_hash",
            "result",
            "result_hash",
            "previous_hash",
            "as_of",
            "supersedes_id",
            "succession",
            "job_id",
            "computed_at",
            "computed_by_id",
            "computed_by_name",
        ],
        "1 = 1",
        _RUN,
    ),
    Guard(
        "evaluation_evaluationrun",
        "UPDATE",
        f"OLD.state <> NEW.state AND (NOT ({_KNOWN_WAY}) OR (OLD.state = 'computed' "
        "AND NEW.state = 'fixed' AND OLD.kind <> 'provisional'))",
        "評価の状態をこのように変えることはできません。",
        "state",
    ),
    # Who fixed and when stays as it was; so does the moment of publication.
    Guard(
        "evaluation_evaluationrun",
        "UPDATE",
        "(OLD.fixed_at IS NOT NULL AND (OLD.fixed_at IS DISTINCT FROM NEW.fixed_at "
        "OR OLD.fixed_by_id IS DISTINCT FROM NEW.fixed_by_id)) "
        "OR (OLD.published_at IS NOT NULL AND OLD.published_at IS DISTINCT FROM NEW.published_at)",
        _RUN,
        "acts",
    ),
    # A run begins computed; only the one that carries the panel's adjustments begins where the
    # run stood whose place it takes.
    Guard(
        "evaluation_evaluationrun",
        "INSERT",
        "NEW.state <> 'computed' AND NOT (NEW.state = 'panel' AND NEW.succession = 'adjustment')",
        "評価は算定済の状態から始まります。",
    ),
    Guard(
        "evaluation_evaluationrun",
        "DELETE",
        "OLD.kind <> 'trial' OR OLD.state <> 'computed'",
        "試行以外の評価は削除できません。",
    ),
    Guard("evaluation_runhubresult", "UPDATE", "", _ROWS),
    Guard(
        "evaluation_runhubresult",
        "DELETE",
        "EXISTS (SELECT 1 FROM evaluation_evaluationrun r WHERE r.id = OLD.run_id "
        "AND (r.kind <> 'trial' OR r.state <> 'computed'))",
        _ROWS,
    ),
    Guard("evaluation_runitemresult", "UPDATE", "", _ROWS),
    Guard(
        "evaluation_runitemresult",
        "DELETE",
        "EXISTS (SELECT 1 FROM evaluation_runhubresult h JOIN evaluation_evaluationrun r "
        "ON r.id = h.run_id WHERE h.id = OLD.hub_result_id "
        "AND (r.kind <> 'trial' OR r.state <> 'computed'))",
        _ROWS,
    ),
    frozen_columns(
        "evaluation_scoringscheme",
        ["code", "version", "content", "content_hash", "is_locked"],
        "OLD.is_locked",
        "確定した評価基準は変更できません。",
    ),
    Guard(
        "evaluation_scoringscheme",
        "DELETE",
        "OLD.is_locked",
        "確定した評価基準は削除できません。",
    ),
]
