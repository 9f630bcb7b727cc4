"""The activity policy of state and HQ: versions with the signatures of both sides."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.terms.models.signing import SIGNATURE_COLUMNS, TwoSignatures, both_signed
from hubs.terms.models.term import Term
from yorozu.core.guards import Guard, frozen_columns


class PolicyState(models.TextChoices):
    """States of an activity policy version."""

    DRAFT = "draft", "作成中"
    SIGNED = "signed", "一方が承認"
    PUBLISHED = "published", "公表"


class ActivityPolicy(TwoSignatures):
    """The activity policy of state and HQ at the start (S69); versions, the past stays.

    Both sides sign the same text; whoever signs second publishes it.
    """

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="policies", verbose_name="期"
    )
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    body = models.TextField("本文")
    state = models.CharField(
        "状態", max_length=12, choices=PolicyState.choices, default=PolicyState.DRAFT
    )
    content_hash = models.CharField("ハッシュ", max_length=64, blank=True)
    published_at = models.DateTimeField("公表日時", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="公表者",
    )

    class Meta:
        verbose_name = "活動方針"
        verbose_name_plural = "活動方針"
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["term", "version"], name="one_policy_per_version"),
            models.CheckConstraint(
                condition=~Q(state=PolicyState.PUBLISHED) | Q(published_at__isnull=False),
                name="published_policy_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


_HELD = "公表した活動方針は変更できません。"
GUARDS = [
    frozen_columns(
        "hubs_activitypolicy",
        [
            "state",
            "term_id",
            "version",
            "title",
            "body",
            "content_hash",
            "published_at",
            *SIGNATURE_COLUMNS,
        ],
        "OLD.state = 'published'",
        _HELD,
    ),
    Guard("hubs_activitypolicy", "DELETE", "OLD.state = 'published'", _HELD),
    both_signed("hubs_activitypolicy", "活動方針は双方の承認がなければ公表できません。"),
]
