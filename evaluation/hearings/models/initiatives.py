"""Own initiatives of a hub, at most three a term, with their files (S72, S89)."""

from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Row_co, ScopedQuerySet
from yorozu.core.guards import Guard, exists

MOST_INITIATIVES = 3


class OwnInitiative(models.Model):
    """Work outside the numbers that the hub brings to its hearing."""

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    order = models.PositiveSmallIntegerField("番号")
    title = models.CharField("取組の名称", max_length=100, blank=True)
    what = models.TextField("取組の内容", blank=True)
    effect = models.TextField("効果", blank=True)
    transfer = models.TextField("他の拠点への展開", blank=True)
    version = models.PositiveIntegerField("版", default=1)
    field_versions = models.JSONField("項目の版", default=dict)
    updated_at = models.DateTimeField("更新日時", default=clock.now)
    updated_by_name = models.CharField("更新した人", max_length=80, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "独自の取組"
        verbose_name_plural = "独自の取組"
        ordering = ["term", "hub", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "hub", "order"], name="one_initiative_per_place"
            ),
            models.CheckConstraint(
                condition=Q(order__gte=1, order__lte=MOST_INITIATIVES),
                name="three_initiatives_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} 独自の取組{self.order}"


class InitiativeFileQuerySet(ScopedQuerySet[Row_co]):
    """The door to the files of a portfolio."""

    hub_path = "initiative__hub_id"


class InitiativeFile(models.Model):
    """A file that shows an own initiative; kept under a name of our own."""

    initiative = models.ForeignKey(
        OwnInitiative, on_delete=models.PROTECT, related_name="files", verbose_name="独自の取組"
    )
    name = models.CharField("ファイル名", max_length=120)
    path = models.CharField("ファイルの場所", max_length=200)
    sha256 = models.CharField("ファイルのハッシュ", max_length=64)
    size = models.PositiveIntegerField("大きさ（バイト）")
    added_at = models.DateTimeField("登録日時", default=clock.now)
    added_by_name = models.CharField("登録した人", max_length=200)

    objects = InitiativeFileQuerySet.as_manager()

    class Meta:
        verbose_name = "独自の取組の資料"
        verbose_name_plural = "独自の取組の資料"
        ordering = ["initiative", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def hub_id(self) -> int:
        """A file belongs to the hub of its initiative."""
        return int(self.initiative.hub_id)


_BEGUN = "採点が始まったヒアリングの独自の取組は変更できません。"
_STATES = "h.state IN ('scoring', 'reconciling', 'settled')"


def _begun(side: str) -> str:
    return exists(
        "evaluation_hearing h",
        f"h.hub_id = {side}.hub_id AND h.term_id = {side}.term_id AND {_STATES}",
    )


def _file_begun(side: str) -> str:
    return exists(
        "evaluation_owninitiative i"
        " JOIN evaluation_hearing h ON h.hub_id = i.hub_id AND h.term_id = i.term_id",
        f"i.id = {side}.initiative_id AND {_STATES}",
    )


GUARDS = [
    guard
    for table, begun in (
        ("evaluation_owninitiative", _begun),
        ("evaluation_initiativefile", _file_begun),
    )
    for guard in (
        Guard(table, "INSERT", begun("NEW"), _BEGUN),
        Guard(table, "UPDATE", f"{begun('OLD')} OR {begun('NEW')}", _BEGUN),
        Guard(table, "DELETE", begun("OLD"), _BEGUN),
    )
]
