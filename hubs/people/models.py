"""People (not accounts), their engagements at hubs, and the survey of qualifications (S42-S45)."""

from typing import Self

from django.db import models
from django.db.models import Q

from hubs.network.models import Hub, ImplementingBody
from yorozu.core.access import Row_co, Scope, ScopedQuerySet


class CoordinatorRole(models.TextChoices):
    """The two kinds of people at a hub that the paper counts."""

    CHIEF_COORDINATOR = "CC", "チーフコーディネーター"
    COORDINATOR = "CO", "コーディネーター"


class PersonQuerySet(ScopedQuerySet[Row_co]):
    """The door to people: through the hubs they were engaged at."""

    def visible_to(self, scope: Scope) -> Self:
        """People with an engagement at a hub of the scope."""
        if scope.hub_ids is None:
            return self
        return self.filter(engagements__hub_id__in=scope.hub_ids).distinct()


class Person(models.Model):
    """A coordinator. Names are kept exactly as typed; the match keys are folded (domain.md 4.2)."""

    name = models.CharField("氏名", max_length=80)
    kana = models.CharField("フリガナ", max_length=120, blank=True)
    name_key = models.CharField("照合用の氏名", max_length=120, db_index=True)
    kana_key = models.CharField("照合用のフリガナ", max_length=160, blank=True)
    is_sample = models.BooleanField("サンプル", default=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人材"
        verbose_name_plural = "人材"
        ordering = ["kana_key", "name_key", "pk"]

    def __str__(self) -> str:
        return self.name


class Engagement(models.Model):
    """Contract of a body with a person for a hub (S25, S26): period and role, history kept."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="engagements", verbose_name="人材"
    )
    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="engagements", verbose_name="拠点"
    )
    implementing_body = models.ForeignKey(
        ImplementingBody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="engagements",
        verbose_name="実施機関",
    )
    role = models.CharField("区分", max_length=2, choices=CoordinatorRole.choices)
    starts_on = models.DateField("開始日")
    ends_on = models.DateField("終了日", null=True, blank=True)
    is_sample = models.BooleanField("サンプル", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "契約（人材）"
        verbose_name_plural = "契約（人材）"
        ordering = ["hub", "role", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "hub", "role", "starts_on"], name="engagement_once"
            ),
            models.UniqueConstraint(
                fields=["hub"],
                condition=Q(role="CC", ends_on=None),
                name="one_open_chief_coordinator_per_hub",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}（{self.hub} {self.get_role_display()}）"


class QualificationCategory(models.Model):
    """One of the 22 categories in the paper's order (S43); ``block`` 1 is the upper half."""

    code = models.CharField("コード", max_length=40, unique=True)
    name = models.CharField("資格", max_length=40)
    order = models.PositiveSmallIntegerField("並び順", unique=True)
    block = models.PositiveSmallIntegerField("段")
    is_other = models.BooleanField("その他", default=False)

    class Meta:
        verbose_name = "資格区分"
        verbose_name_plural = "資格区分"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class QualificationAlias(models.Model):
    """Another spelling of a category, met in files (診断士, 社労士, ITコーディネータ ...)."""

    category = models.ForeignKey(
        QualificationCategory,
        on_delete=models.CASCADE,
        related_name="aliases",
        verbose_name="資格区分",
    )
    alias = models.CharField("別名", max_length=60, unique=True)

    class Meta:
        verbose_name = "資格の別名"
        verbose_name_plural = "資格の別名"
        ordering = ["category", "alias"]

    def __str__(self) -> str:
        return self.alias


class QualificationSurvey(models.Model):
    """One survey of qualifications as of a date: answered by person, or taken over as a table."""

    as_of = models.DateField("調査時点", unique=True)
    name = models.CharField("調査名", max_length=80)
    source = models.CharField("出典", max_length=200, blank=True)
    is_sample = models.BooleanField("サンプル", default=False)

    class Meta:
        verbose_name = "保有資格調査"
        verbose_name_plural = "保有資格調査"
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return self.name


class QualificationResponse(models.Model):
    """One person's self-reported answer (S42); no ticks at all is an answer too."""

    survey = models.ForeignKey(
        QualificationSurvey, on_delete=models.CASCADE, related_name="responses", verbose_name="調査"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="responses", verbose_name="人材"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    role = models.CharField("区分", max_length=2, choices=CoordinatorRole.choices)
    categories: models.ManyToManyField = models.ManyToManyField(
        QualificationCategory,
        through="ResponseTick",
        related_name="responses",
        verbose_name="保有資格",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "調査回答"
        verbose_name_plural = "調査回答"
        ordering = ["survey", "hub", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "person", "hub"], name="one_answer_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.person}"


class TickStatus(models.TextChoices):
    """How far a qualification is confirmed."""

    SELF_REPORTED = "self_reported", "自己申告"
    DOCUMENT_SEEN = "document_seen", "書類確認済"
    EXPIRED = "expired", "失効"


class ResponseTick(models.Model):
    """One ticked category; several per person are usual."""

    response = models.ForeignKey(
        QualificationResponse, on_delete=models.CASCADE, related_name="ticks", verbose_name="回答"
    )
    category = models.ForeignKey(
        QualificationCategory,
        on_delete=models.PROTECT,
        related_name="ticks",
        verbose_name="資格区分",
    )
    other_text = models.CharField("その他の内容", max_length=120, blank=True)
    status = models.CharField(
        "確認状況", max_length=16, choices=TickStatus.choices, default=TickStatus.SELF_REPORTED
    )

    class Meta:
        verbose_name = "保有資格"
        verbose_name_plural = "保有資格"
        ordering = ["response", "category"]
        constraints = [
            models.UniqueConstraint(fields=["response", "category"], name="one_tick_per_category")
        ]

    def __str__(self) -> str:
        return f"{self.response} {self.category}"


class QualificationAggregate(models.Model):
    """One cell of the paper's table, for surveys taken over in matrix shape (no person rows)."""

    survey = models.ForeignKey(
        QualificationSurvey,
        on_delete=models.CASCADE,
        related_name="aggregates",
        verbose_name="調査",
    )
    role = models.CharField("区分", max_length=2, choices=CoordinatorRole.choices)
    category = models.ForeignKey(
        QualificationCategory, on_delete=models.PROTECT, related_name="+", verbose_name="資格区分"
    )
    count = models.PositiveIntegerField("人数")

    class Meta:
        verbose_name = "資格の集計値"
        verbose_name_plural = "資格の集計値"
        ordering = ["survey", "role", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "role", "category"], name="one_aggregate_per_cell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.role} {self.category} {self.count}"
