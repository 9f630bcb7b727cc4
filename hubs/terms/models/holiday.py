"""Statutory holidays as rows."""

from django.db import models


class Holiday(models.Model):
    """A statutory holiday as data (domain.md 4.1): the law may change it, a row may be cancelled.

    What follows by law (振替休日, 国民の休日) and the year's end are rules, not rows.
    """

    day = models.DateField("日付", unique=True)
    name = models.CharField("祝日", max_length=40)
    basis = models.CharField("根拠", max_length=120)
    is_provisional = models.BooleanField("見込み", default=False)
    is_cancelled = models.BooleanField("取消し", default=False)

    class Meta:
        verbose_name = "祝日"
        verbose_name_plural = "祝日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
