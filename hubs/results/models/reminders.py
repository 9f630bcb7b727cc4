"""Reminders: whom the portal has asked for a late month, and when."""

from django.conf import settings
from django.db import models

from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import wareki_month
from yorozu.core.guards import append_only


class Reminder(models.Model):
    """One reminder of one late month to one person.

    ``working_day`` is the business day it counts for (the next one when sent on a closed day):
    nobody is reminded of a month twice on one.
    """

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    month = models.DateField("対象月")
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="宛先"
    )
    recipient_name = models.CharField("宛先の氏名", max_length=200)
    email = models.EmailField("宛先のメールアドレス")
    sent_at = models.DateTimeField("督促日時", default=clock.now)
    working_day = models.DateField("督促の営業日")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="督促した利用者",
    )
    sent_by_name = models.CharField("督促した人", max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "督促"
        verbose_name_plural = "督促"
        ordering = ["-sent_at", "hub", "month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "month", "recipient", "working_day"],
                name="one_reminder_per_working_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub} {wareki_month(self.month)} 督促 {self.recipient_name}"


GUARDS = append_only("hubs_reminder", "督促は記録として残り、変更も削除もできません。")
