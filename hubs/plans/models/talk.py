"""The talk about a plan before it is fixed: attendees, proposals of values, comments.

Proposals and comments are only added; what somebody said stays said.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.plans.models.plan import Plan, StartInterview
from hubs.terms.models import ActivityIndicator
from yorozu.core.access import Row_co, ScopedQuerySet
from yorozu.core.guards import Guard, append_only, frozen_children


class Side(models.TextChoices):
    """For whom somebody speaks at the interview or about the plan."""

    HUB = "hub", "拠点"
    BUREAU = "bureau", "経済産業局"
    IMPLEMENTING_BODY = "body", "実施機関"
    NATIONAL_HQ = "hq", "全国本部"
    OTHER = "other", "その他"


class InterviewAttendee(models.Model):
    """One person who took part in a start interview (S74)."""

    interview = models.ForeignKey(
        StartInterview, on_delete=models.CASCADE, related_name="people", verbose_name="期初面談"
    )
    side = models.CharField("立場", max_length=6, choices=Side.choices)
    organisation = models.CharField("所属", max_length=80, blank=True)
    name = models.CharField("氏名", max_length=80)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "期初面談の出席者"
        verbose_name_plural = "期初面談の出席者"
        ordering = ["interview", "order"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "order"], name="one_attendee_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}".strip()


class PlanTalkQuerySet(ScopedQuerySet[Row_co]):
    """The door to what was said about the plans of the scope."""

    hub_path = "plan__hub_id"


class ProposalKind(models.TextChoices):
    """What a round of the negotiation does."""

    PROPOSED = "proposed", "提案"
    ACCEPTED = "accepted", "受入れ"


class TargetProposal(models.Model):
    """One round about one target: who named which value when, and why.

    The target is that of an ``indicator`` or of the focus area with ``area_code``.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="proposals", verbose_name="計画"
    )
    indicator = models.ForeignKey(
        ActivityIndicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="活動指標",
    )
    area_code = models.CharField("重点分野のコード", max_length=4, blank=True)
    side = models.CharField("提案した側", max_length=6, choices=Side.choices)
    kind = models.CharField("種類", max_length=8, choices=ProposalKind.choices)
    value = models.PositiveIntegerField("値")
    plan_value = models.PositiveIntegerField("提案したときの計画の値", null=True, blank=True)
    reason = models.TextField("理由", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提案者",
    )
    made_by_name = models.CharField("提案者の氏名", max_length=80)
    made_at = models.DateTimeField("日時")

    objects = PlanTalkQuerySet.as_manager()

    class Meta:
        verbose_name = "目標値の提案"
        verbose_name_plural = "目標値の提案"
        ordering = ["plan", "made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, area_code="")
                | (Q(indicator__isnull=True) & ~Q(area_code="")),
                name="proposal_for_indicator_or_area",
            ),
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.ACCEPTED) | ~Q(reason=""),
                name="proposal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.indicator or self.area_code} {self.value}"


class CommentKind(models.TextChoices):
    """What a line of a thread does."""

    COMMENT = "comment", "コメント"
    ANSWER = "answer", "回答"
    CLOSED = "closed", "対応済"


class PlanComment(models.Model):
    """One line of a thread about one part of the plan; ``thread`` is its first line."""

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="comments", verbose_name="計画"
    )
    thread = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name="最初のコメント",
    )
    section = models.CharField("箇所", max_length=40)
    side = models.CharField("書いた側", max_length=6, choices=Side.choices)
    kind = models.CharField("種類", max_length=8, choices=CommentKind.choices)
    body = models.TextField("本文", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="書いた人",
    )
    made_by_name = models.CharField("書いた人の氏名", max_length=80)
    made_at = models.DateTimeField("日時")

    objects = PlanTalkQuerySet.as_manager()

    class Meta:
        verbose_name = "計画へのコメント"
        verbose_name_plural = "計画へのコメント"
        ordering = ["plan", "made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CommentKind.CLOSED) | ~Q(body=""), name="comment_has_text"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.section} {self.get_kind_display()}"


_HELD = "確定した事業計画は変更できません。"
_STAYS = "提案とコメントは、書いたあとに変更できません。"
_FINAL = "p.state = 'finalized'"
_INTERVIEW_FINAL = (
    "EXISTS (SELECT 1 FROM hubs_plan q WHERE q.id = p.plan_id AND q.state = 'finalized')"
)


def _insert_only_before(table: str) -> Guard:
    """No line is added once the plan is fixed."""
    rows = frozen_children(table, "hubs_plan", "plan_id", _FINAL, _HELD)
    return next(guard for guard in rows if guard.event == "INSERT")


GUARDS = [
    *frozen_children(
        "hubs_interviewattendee", "hubs_startinterview", "interview_id", _INTERVIEW_FINAL, _HELD
    ),
    *append_only("hubs_targetproposal", _STAYS),
    _insert_only_before("hubs_targetproposal"),
    *append_only("hubs_plancomment", _STAYS),
    _insert_only_before("hubs_plancomment"),
]
