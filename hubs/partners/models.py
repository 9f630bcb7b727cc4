"""Support organisations (S12, S18): chambers, banks, associations, and the hubs they work with."""

from django.db import models
from django.db.models import F, Q

from hubs.network.models import Hub, Prefecture


class OrganizationType(models.TextChoices):
    """Kinds of support organisations (S12, S18)."""

    SOCIETY_OF_COMMERCE = "society_of_commerce", "商工会"
    CHAMBER_OF_COMMERCE = "chamber_of_commerce", "商工会議所"
    FINANCIAL_INSTITUTION = "financial_institution", "金融機関"
    SHOPPING_STREET_ASSOCIATION = "shopping_street_association", "商店街振興組合"
    TOURISM_ASSOCIATION = "tourism_association", "観光協会"
    MUNICIPALITY = "municipality", "自治体"
    OTHER = "other", "その他"


class SupportOrganization(models.Model):
    """A support organisation; one register for the nation, so that two hubs name the same one.

    ``name_key`` is the folded name: the same organisation of a prefecture stands here once.
    One registered twice under two names is merged: it stays as an alias that leads to ``kept``,
    because activities that name it are records and do not move.
    """

    name = models.CharField("支援機関", max_length=80)
    name_key = models.CharField("照合用の名称", max_length=120)
    kind = models.CharField("種別", max_length=32, choices=OrganizationType.choices)
    prefecture = models.ForeignKey(
        Prefecture,
        on_delete=models.PROTECT,
        related_name="support_organizations",
        verbose_name="都道府県",
    )
    hubs = models.ManyToManyField(
        Hub, blank=True, related_name="support_organizations", verbose_name="連携する拠点"
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="aliases",
        verbose_name="統合先",
    )
    is_sample = models.BooleanField("サンプル", default=False)

    class Meta:
        verbose_name = "支援機関"
        verbose_name_plural = "支援機関"
        ordering = ["prefecture", "kind", "name_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["prefecture", "name_key"], name="one_organization_per_name"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="organization_not_its_own_alias",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kept(self) -> "SupportOrganization":
        """The organisation that counts: this one, or the one it was merged into."""
        return self.merged_into or self
