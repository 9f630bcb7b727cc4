"""The network: bureaus, blocks, hubs, implementing bodies, commission contracts, memberships."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hubs.network.rules import Span, operation_span
from yorozu.core.access import Role, Row_co, ScopedQuerySet
from yorozu.core.charts import TILES


class Prefecture(models.Model):
    """One of 47 prefectures (JIS X 0401) with its place on the tile grid (ui.md 3.2)."""

    jis_code = models.CharField("都道府県コード", max_length=2, unique=True)
    name = models.CharField("都道府県", max_length=10)
    grid_row = models.PositiveSmallIntegerField("地図の行")
    grid_column = models.PositiveSmallIntegerField("地図の列")

    class Meta:
        verbose_name = "都道府県"
        verbose_name_plural = "都道府県"
        ordering = ["jis_code"]

    def __str__(self) -> str:
        return self.name


class Bureau(models.Model):
    """A regional bureau (S4): eight of METI and the Okinawa general bureau, so 9."""

    code = models.CharField("コード", max_length=20, unique=True)
    name = models.CharField("経済産業局", max_length=40)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "経済産業局"
        verbose_name_plural = "経済産業局"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """One of the 7 training blocks (S47). Which hubs belong to it is data of each fiscal year."""

    code = models.CharField("コード", max_length=20, unique=True)
    name = models.CharField("ブロック", max_length=40)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "ブロック"
        verbose_name_plural = "ブロック"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class HubQuerySet(ScopedQuerySet[Row_co]):
    """The door to hubs."""

    hub_path = "id"


class Hub(models.Model):
    """A Yorozu support hub (S5), one per prefecture; ``code`` is the JIS code and breaks ties."""

    code = models.CharField("拠点コード", max_length=2, unique=True)
    name = models.CharField("拠点名", max_length=40, unique=True)
    prefecture = models.OneToOneField(
        Prefecture, on_delete=models.PROTECT, related_name="hub", verbose_name="都道府県"
    )
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="hubs", verbose_name="経済産業局"
    )
    opened_on = models.DateField("開設日")
    closed_on = models.DateField("廃止日", null=True, blank=True)

    objects = HubQuerySet.as_manager()

    class Meta:
        verbose_name = "よろず支援拠点"
        verbose_name_plural = "よろず支援拠点"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def hub_id(self) -> int:
        """A hub is a record of itself, for scope and audit."""
        return int(self.pk)

    @property
    def short_name(self) -> str:
        """東京: the name on the map of the 47; a hub not on it is called by its own name."""
        if self.code in TILES:
            return TILES[self.code][0]
        return self.name.removesuffix("よろず支援拠点") or self.name

    def operation_span(self, fiscal_year: int) -> Span:
        """First and last day the hub answers for in a year; prefetch ``contracts`` for lists."""
        held = [row for row in self.contracts.all() if row.fiscal_year == fiscal_year]
        spans = [(row.starts_on, row.ends_on) for row in held]
        return operation_span(self.opened_on, self.closed_on, spans)


class BlockAssignment(models.Model):
    """Which block a hub belongs to in one fiscal year (G12: composition is data)."""

    fiscal_year = models.PositiveSmallIntegerField("年度")
    hub = models.ForeignKey(
        Hub, on_delete=models.CASCADE, related_name="block_assignments", verbose_name="拠点"
    )
    block = models.ForeignKey(
        Block, on_delete=models.PROTECT, related_name="assignments", verbose_name="ブロック"
    )

    class Meta:
        verbose_name = "ブロックの編成"
        verbose_name_plural = "ブロックの編成"
        ordering = ["fiscal_year", "hub"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "hub"], name="one_block_per_hub_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.hub} {self.block}"


class HubSite(models.Model):
    """A branch desk of a hub (サテライト)."""

    hub = models.ForeignKey(
        Hub, on_delete=models.CASCADE, related_name="sites", verbose_name="拠点"
    )
    name = models.CharField("名称", max_length=80)
    municipality = models.CharField("所在市区町村", max_length=40)
    opened_on = models.DateField("開設日")
    closed_on = models.DateField("廃止日", null=True, blank=True)
    is_sample = models.BooleanField("サンプル", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "サテライト"
        verbose_name_plural = "サテライト"
        ordering = ["hub", "opened_on", "name"]

    def __str__(self) -> str:
        return self.name


class ImplementingBody(models.Model):
    """An organisation commissioned to run a hub (S8). Names shipped are sample data."""

    name = models.CharField("実施機関", max_length=80, unique=True)
    corporate_number = models.CharField("法人番号", max_length=13, blank=True)
    is_sample = models.BooleanField("サンプル", default=False)

    class Meta:
        verbose_name = "実施機関"
        verbose_name_plural = "実施機関"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CommissionContract(models.Model):
    """Bureau -> implementing body for one hub and fiscal year (S24), per funding line."""

    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="contracts", verbose_name="拠点"
    )
    implementing_body = models.ForeignKey(
        ImplementingBody,
        on_delete=models.PROTECT,
        related_name="contracts",
        verbose_name="実施機関",
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")
    funding_line = models.CharField("予算区分", max_length=40, default="当初予算")
    amount_yen = models.BigIntegerField("契約額（円）")
    document_number = models.CharField("文書番号", max_length=60, blank=True)
    starts_on = models.DateField("開始日")
    ends_on = models.DateField("終了日")
    is_sample = models.BooleanField("サンプル", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "委託契約"
        verbose_name_plural = "委託契約"
        ordering = ["-fiscal_year", "hub"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "fiscal_year", "funding_line"], name="one_contract_per_line"
            ),
            models.CheckConstraint(
                condition=Q(amount_yen__gte=0), name="contract_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="contract_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.fiscal_year}年度 {self.funding_line}"


class Membership(models.Model):
    """Account x role x organisation x period: the only source of rights (product.md)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name="利用者",
    )
    role = models.CharField("役割", max_length=24, choices=Role.choices)
    bureau = models.ForeignKey(
        Bureau,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="経済産業局",
    )
    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="拠点"
    )
    implementing_body = models.ForeignKey(
        ImplementingBody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="実施機関",
    )
    assigned_hubs = models.ManyToManyField(
        Hub, blank=True, related_name="+", verbose_name="担当拠点"
    )
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日", null=True, blank=True)

    class Meta:
        verbose_name = "役割の付与"
        verbose_name_plural = "役割の付与"
        ordering = ["user", "role", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role=Role.BUREAU) | Q(bureau__isnull=False),
                name="bureau_member_has_bureau",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=[Role.CHIEF_COORDINATOR, Role.COORDINATOR])
                | Q(hub__isnull=False),
                name="hub_member_has_hub",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.IMPLEMENTING_BODY) | Q(implementing_body__isnull=False),
                name="body_member_has_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class FigureKind(models.TextChoices):
    """The kinds of regional figures that files may bring; the budget rule reads SMEs and area."""

    SMES = "smes", "中小企業数"
    EMPLOYEES = "employees", "従業者数"
    OPENINGS = "openings", "開業事業所数"
    CLOSINGS = "closings", "廃業事業所数"
    AREA = "area", "面積"


class RegionalFigure(models.Model):
    """A public figure of a hub's region, with survey, source and date.

    ``industry`` is a major group of the Japan Standard Industrial Classification (A to T), blank
    for all industries together.
    """

    hub = models.ForeignKey(
        Hub, on_delete=models.CASCADE, related_name="regional_figures", verbose_name="拠点"
    )
    code = models.CharField("種類", max_length=20)
    industry = models.CharField("産業大分類", max_length=1, blank=True)
    year = models.PositiveSmallIntegerField("時点（年）")
    as_of = models.DateField("調査の時点", null=True, blank=True)
    value = models.BigIntegerField("値")
    unit = models.CharField("単位", max_length=10)
    survey = models.CharField("調査名", max_length=80, blank=True)
    source = models.CharField("出典", max_length=120)
    is_sample = models.BooleanField("サンプル", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "地域の数値"
        verbose_name_plural = "地域の数値"
        ordering = ["hub", "code", "industry", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "code", "industry", "year"],
                name="one_figure_per_industry_and_year",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.code}{self.industry} {self.year}"
