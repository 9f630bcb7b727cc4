"""The months of the ledger: what the records of a hub add up to, and which sums are behind."""

from django.db import models

from hubs.network.models import Hub
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import wareki_month


class LedgerMonth(models.Model):
    """What the current records of one hub count for in one month, computed from the rows alone.

    A row stands only for months in which something counts or was attended. The three layers of an
    issue (reported, confirmed by the client, checked by sample) stay three figures.
    """

    hub = models.ForeignKey(
        Hub, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name="拠点"
    )
    month = models.DateField("対象月")
    consultations = models.PositiveIntegerField("相談対応件数")
    visiting_clients = models.PositiveIntegerField("来訪相談者数")
    clients = models.PositiveIntegerField("相談者数（実数）")
    minutes = models.PositiveIntegerField("相談時間（分）")
    issues_resolved = models.PositiveIntegerField("課題解決件数")
    issues_client_confirmed = models.PositiveIntegerField("うち相談者が確認")
    issues_checked = models.PositiveIntegerField("うち抽出確認")
    issues_check_confirmed = models.PositiveIntegerField("うち抽出確認で解決を確認")
    network_activities = models.PositiveIntegerField("ネットワーク活動件数")
    network_joined = models.PositiveIntegerField("ほかの拠点の活動への参加")
    computed_at = models.DateTimeField("集計日時")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "相談記録の月別集計"
        verbose_name_plural = "相談記録の月別集計"
        ordering = ["hub", "month"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "month"], name="one_ledger_month_per_hub")
        ]

    def __str__(self) -> str:
        return f"{self.hub} {wareki_month(self.month)} 月別集計"


class DirtyMonth(models.Model):
    """A note that records of a hub and month changed after its figures were rolled up.

    Appended in the transaction of every ledger write, taken away by the roll-up that counted it.
    A month may be noted many times: were it noted once only, a writer could lean on a note which
    the roll-up, not yet seeing the writer's row, is about to take away.
    """

    hub = models.ForeignKey(
        Hub, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name="拠点"
    )
    month = models.DateField("対象月")

    class Meta:
        verbose_name = "集計待ちの月"
        verbose_name_plural = "集計待ちの月"
        ordering = ["hub", "month", "id"]
        indexes = [models.Index(fields=["hub", "month"], name="dirty_month_of_hub")]

    def __str__(self) -> str:
        return f"{self.hub} {self.month:%Y-%m}"
