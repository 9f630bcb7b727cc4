"""A wave of a questionnaire: what was drawn, the one-time links, the answers without any name."""

from django.db import models
from django.db.models import F, Q

from evaluation.surveys.models.questionnaires import Questionnaire, WaveKind
from evaluation.surveys.rules import OUTCOMES
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from hubs.terms.models import Term
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import nendo


class WaveState(models.TextChoices):
    """How far a wave is."""

    DRAFT = "draft", "準備中"
    DRAWN = "drawn", "抽出済"
    OPEN = "open", "回答受付中"
    CLOSED = "closed", "集計済"
    CANCELLED = "cancelled", "中止"


class SurveyWave(models.Model):
    """One asking in a term: a locked questionnaire, a drawing that can be repeated, two moments.

    ``seed`` comes from the machine at the moment of drawing; ``frame_hash`` is the SHA-256 over all
    the keys drawn from. The share and its limits hold for each hub.
    """

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    kind = models.CharField("種類", max_length=20, choices=WaveKind.choices)
    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="waves", verbose_name="調査票"
    )
    state = models.CharField(
        "状態", max_length=10, choices=WaveState.choices, default=WaveState.DRAFT
    )
    opens_at = models.DateTimeField("回答の開始")
    closes_at = models.DateTimeField("回答の締切")
    frame_from = models.DateField("相談日（から）")
    frame_to = models.DateField("相談日（まで）")
    share_percent = models.PositiveSmallIntegerField("抽出率（％）")
    minimum = models.PositiveSmallIntegerField("拠点ごとの最少数")
    maximum = models.PositiveSmallIntegerField("拠点ごとの最多数")
    people = models.PositiveSmallIntegerField("1機関の回答者数", default=1)
    seed = models.CharField("乱数の種", max_length=64, blank=True)
    frame_hash = models.CharField("抽出元のハッシュ", max_length=64, blank=True)
    drawn_by_name = models.CharField("抽出者", max_length=80, blank=True)
    drawn_at = models.DateTimeField("抽出日時", null=True, blank=True)
    opened_at = models.DateTimeField("受付開始の操作", null=True, blank=True)
    closed_by_name = models.CharField("集計者", max_length=80, blank=True)
    closed_at = models.DateTimeField("集計日時", null=True, blank=True)

    class Meta:
        verbose_name = "調査回"
        verbose_name_plural = "調査回"
        ordering = ["-term__fiscal_year", "kind", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "kind"],
                condition=~Q(state="cancelled"),
                name="one_wave_per_term_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="wave_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(frame_to__gte=F("frame_from")), name="wave_frame_in_order"
            ),
            models.CheckConstraint(
                condition=Q(share_percent__gte=1, share_percent__lte=100)
                & Q(minimum__gte=1, maximum__gte=F("minimum"))
                & Q(people__gte=1, people__lte=5),
                name="wave_sample_within_limits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | (~Q(seed="") & ~Q(frame_hash="") & Q(drawn_at__isnull=False)),
                name="drawn_wave_has_seed_and_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{nendo(self.term.fiscal_year)} {self.get_kind_display()}"

    @property
    def is_partner(self) -> bool:
        """Whether support organisations are asked."""
        return self.kind == WaveKind.PARTNER


class SurveyFrame(models.Model):
    """What a wave found in one hub: how many could be asked, how many were drawn.

    ``left_out`` lists (name, reason) of organisations that may not rate the hub. ``note`` says why
    nobody was asked.
    """

    wave = models.ForeignKey(
        SurveyWave, on_delete=models.CASCADE, related_name="frames", verbose_name="調査回"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    population = models.PositiveIntegerField("抽出元の数")
    size = models.PositiveIntegerField("抽出数")
    frame_hash = models.CharField("抽出元のハッシュ", max_length=64)
    left_out = models.JSONField("除いた支援機関", default=list, blank=True)
    note = models.CharField("備考", max_length=120, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "拠点ごとの抽出"
        verbose_name_plural = "拠点ごとの抽出"
        ordering = ["wave", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "hub"], name="one_frame_per_wave_and_hub")
        ]

    def __str__(self) -> str:
        return f"{self.wave} {self.hub}"


class SurveyInvitation(models.Model):
    """One letter with a one-time link, to a pseudonymous client or a support organisation.

    ``number`` stands on the letter and is the same on a later issue (reminder, replacement); only
    one answer is taken for it. The token itself is printed and never kept: ``token_hash`` is its
    SHA-256, empty until the letter is made. ``visits`` are the consultations of the client in the
    frame.
    """

    wave = models.ForeignKey(
        SurveyWave, on_delete=models.CASCADE, related_name="invitations", verbose_name="調査回"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    number = models.CharField("整理番号", max_length=8)
    issue = models.PositiveSmallIntegerField("発行回", default=1)
    client_key = models.CharField("相談者番号", max_length=32, blank=True)
    organization = models.ForeignKey(
        SupportOrganization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="支援機関",
    )
    person = models.PositiveSmallIntegerField("何人目", default=1)
    visits = models.PositiveIntegerField("相談の回数", default=0)
    token_hash = models.CharField("リンクのハッシュ", max_length=64, blank=True)
    issued_at = models.DateTimeField("発行日時", null=True, blank=True)
    voided_at = models.DateTimeField("無効にした日時", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "回答の依頼"
        verbose_name_plural = "回答の依頼"
        ordering = ["wave", "number", "issue"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "number", "issue"], name="one_letter_per_number_and_issue"
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="one_letter_per_token"
            ),
            models.CheckConstraint(
                condition=Q(client_key="", organization__isnull=False)
                | (~Q(client_key="") & Q(organization__isnull=True)),
                name="letter_has_one_addressee",
            ),
        ]
        indexes = [models.Index(fields=["wave", "hub"], name="letters_of_a_hub")]

    def __str__(self) -> str:
        # The trail shows this text: neither the addressee nor the link belongs there.
        return f"{self.wave} 整理番号{self.number}"


class AnswerChannel(models.TextChoices):
    """How an answer came."""

    WEB = "web", "画面"
    PAPER = "paper", "用紙"
    FILE = "file", "ファイル"


class SurveyAnswer(models.Model):
    """One answer: a level, and what else was asked. No name, no address of a device."""

    wave = models.ForeignKey(
        SurveyWave, on_delete=models.CASCADE, related_name="answers", verbose_name="調査回"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    invitation = models.ForeignKey(
        SurveyInvitation, on_delete=models.PROTECT, related_name="+", verbose_name="回答の依頼"
    )
    number = models.CharField("整理番号", max_length=8)
    level = models.PositiveSmallIntegerField("回答")
    outcome = models.CharField("提案の実行", max_length=12, choices=OUTCOMES, blank=True)
    reasons = models.JSONField("理由", default=list, blank=True)
    text = models.CharField("自由記入", max_length=400, blank=True)
    channel = models.CharField("受取方法", max_length=5, choices=AnswerChannel.choices)
    received_on = models.DateField("受取日")
    answered_at = models.DateTimeField("記録日時")
    entered_by_name = models.CharField("入力者", max_length=80, blank=True)
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "回答"
        verbose_name_plural = "回答"
        ordering = ["wave", "answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "number"], name="one_answer_per_number"),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=5), name="answer_level_1_to_5"
            ),
        ]
        indexes = [models.Index(fields=["wave", "hub"], name="answers_of_a_hub")]

    def __str__(self) -> str:
        return f"{self.wave} 回答"


class ExclusionKind(models.TextChoices):
    """Why an organisation may not rate a hub, beside running it (evaluation.md 1.5)."""

    PAYS = "pays", "拠点に経費を負担している"
    HOUSES = "houses", "拠点の場所を提供している"


class PartnerExclusion(models.Model):
    """An organisation that pays or houses a hub: it is left out of the partner waves by itself."""

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    organization = models.ForeignKey(
        SupportOrganization, on_delete=models.PROTECT, related_name="+", verbose_name="支援機関"
    )
    kind = models.CharField("関係", max_length=8, choices=ExclusionKind.choices)
    noted_by_name = models.CharField("登録者", max_length=80)
    noted_at = models.DateTimeField("登録日時")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "評価から除く支援機関"
        verbose_name_plural = "評価から除く支援機関"
        ordering = ["hub", "organization"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "organization"], name="one_exclusion_per_hub_and_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.organization}"
