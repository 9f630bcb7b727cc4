"""The table that the slow import writes."""

from django.db import models


class Line(models.Model):
    """One imported line; nothing keeps a second one out, so doubled work would show."""

    code = models.CharField("番号", max_length=20)
    amount = models.IntegerField("数")
    import_line = models.IntegerField("取込元の行", null=True)
    import_batch_id = models.BigIntegerField("取込番号", null=True)

    class Meta:
        verbose_name = "行"
        verbose_name_plural = "行"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
