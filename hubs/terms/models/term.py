"""The term of a fiscal year: its calendar and the definitions of its indicators."""

from django.db import models

from hubs.terms.rules.calendar import TOKYO, Line, rule_text, shift_note
from yorozu.core.fiscal import nendo


class TermState(models.TextChoices):
    """States of a term."""

    PREPARING = "preparing", "準備中"
    OPEN = "open", "実施中"
    CLOSED = "closed", "終了"


class Term(models.Model):
    """One fiscal-year cycle (glossary 34), April to March, named by its April year."""

    fiscal_year = models.PositiveSmallIntegerField("年度", unique=True)
    state = models.CharField(
        "状態", max_length=12, choices=TermState.choices, default=TermState.PREPARING
    )
    is_sample = models.BooleanField("サンプル", default=False)

    class Meta:
        verbose_name = "期"
        verbose_name_plural = "期"
        ordering = ["-fiscal_year"]

    def __str__(self) -> str:
        return nendo(self.fiscal_year)


class Phase(models.TextChoices):
    """The three phases of the paper (S95)."""

    START = "start", "期初"
    MID = "mid", "期中"
    END = "end", "期末"


class DayBase(models.TextChoices):
    """How the day of a deadline is found before it moves to an open day."""

    DAY = "day", "日"
    MONTH_END = "month_end", "月末"
    BUSINESS_DAY = "business_day", "第n営業日"


class ShiftRule(models.TextChoices):
    """What happens to a deadline on a closed day (the values of core.business_days.Shift)."""

    NEXT = "next", "繰下げ"
    PREVIOUS = "previous", "繰上げ"
    NONE = "none", "移さない"


class TermDeadline(models.Model):
    """One line of the calendar: what is due, by which rule, to the minute, in Asia/Tokyo.

    ``month`` counts on from the term's April: 4 to 15 are April to March, 16 to 18 the April to
    June after the term. ``due_at`` is what the rule gave with the holidays of that moment.
    """

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="deadlines", verbose_name="期"
    )
    code = models.CharField("コード", max_length=40)
    phase = models.CharField("段階", max_length=5, choices=Phase.choices)
    label = models.CharField("内容", max_length=80)
    base = models.CharField(
        "日の決め方", max_length=12, choices=DayBase.choices, default=DayBase.DAY
    )
    month = models.PositiveSmallIntegerField("月", default=4)
    number = models.PositiveSmallIntegerField("日・営業日数", default=1)
    at = models.TimeField("時刻")
    shift = models.CharField(
        "休日の扱い", max_length=8, choices=ShiftRule.choices, default=ShiftRule.NEXT
    )
    nominal_on = models.DateField("休日を考えない日", null=True, blank=True)
    due_at = models.DateTimeField("期限")

    class Meta:
        verbose_name = "期限"
        verbose_name_plural = "期限"
        ordering = ["term", "due_at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["term", "code"], name="one_deadline_per_code")
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.label}"

    @property
    def rule_text(self) -> str:
        """The rule in words: 5月20日 12:00（休日は繰下げ）."""
        return rule_text(
            Line(
                code=self.code,
                phase=self.phase,
                label=self.label,
                month=self.month,
                number=self.number,
                base=self.base,
                at=self.at,
                shift=self.shift,
            )
        )

    @property
    def shift_note(self) -> str:
        """「休日のため繰下げ」 when the day has moved, else nothing."""
        return shift_note(self.shift, self.nominal_on, self.due_at.astimezone(TOKYO).date())


class FigureSource(models.TextChoices):
    """Where a monthly figure comes from: the hub's own word, or the rows of its ledger."""

    DECLARED = "declared", "申告"
    LEDGER = "ledger", "相談記録"


class ActivityIndicator(models.Model):
    """Definition of an activity indicator in one term (G1), all data of the year."""

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="indicators", verbose_name="期"
    )
    code = models.CharField("コード", max_length=8)
    name = models.CharField("活動指標", max_length=40)
    unit = models.CharField("単位", max_length=4)
    is_cumulative = models.BooleanField("延べ", default=True)
    definition = models.TextField("定義")
    example = models.TextField("数える例", blank=True)
    counter_example = models.TextField("数えない例", blank=True)
    source = models.CharField(
        "集計の方法",
        max_length=8,
        choices=FigureSource.choices,
        default=FigureSource.DECLARED,
        help_text="相談記録：記録のある拠点は記録から数え、記録のない拠点は申告します。",
    )
    source_rule = models.CharField("集計元", max_length=80, default="拠点の申告")
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "活動指標"
        verbose_name_plural = "活動指標"
        ordering = ["term", "order"]
        constraints = [
            models.UniqueConstraint(fields=["term", "code"], name="one_indicator_per_code")
        ]

    def __str__(self) -> str:
        return self.name
