"""The coded lists by which records are written: versioned, with other spellings."""

from django.db import models


class CodeKind(models.TextChoices):
    """What a list codes; the value is also the field of the records that holds its codes."""

    CHANNEL = "channel", "相談方法"
    THEME = "theme", "相談テーマ"
    INDUSTRY = "industry", "業種"
    EMPLOYEES_BAND = "employees_band", "従業員規模"
    NETWORK_KIND = "network_kind", "ネットワーク活動の種類"


class CodeList(models.Model):
    """One version of a coded list, in force from a fiscal year on until the next version.

    A record keeps the plain code and is read by the version of its own fiscal year.
    """

    kind = models.CharField("種類", max_length=16, choices=CodeKind.choices)
    version = models.PositiveSmallIntegerField("版")
    valid_from_fiscal_year = models.PositiveSmallIntegerField("適用開始年度")

    class Meta:
        verbose_name = "コード表"
        verbose_name_plural = "コード表"
        ordering = ["kind", "version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_code_list_per_version"),
            models.UniqueConstraint(
                fields=["kind", "valid_from_fiscal_year"], name="one_code_list_per_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第{self.version}版"


class CodeItem(models.Model):
    """One code with its label; neither is edited in place, a new version replaces the list."""

    code_list = models.ForeignKey(
        CodeList, on_delete=models.PROTECT, related_name="items", verbose_name="コード表"
    )
    code = models.CharField("コード", max_length=4)
    label = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "コード"
        verbose_name_plural = "コード"
        ordering = ["code_list", "order"]
        constraints = [
            models.UniqueConstraint(fields=["code_list", "code"], name="code_once_per_list")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class CodeAlias(models.Model):
    """Another spelling of a code that files and people use (店頭 for 来訪)."""

    item = models.ForeignKey(
        CodeItem, on_delete=models.PROTECT, related_name="aliases", verbose_name="コード"
    )
    alias = models.CharField("別の表記", max_length=60)

    class Meta:
        verbose_name = "コードの別の表記"
        verbose_name_plural = "コードの別の表記"
        ordering = ["item", "alias"]
        constraints = [models.UniqueConstraint(fields=["item", "alias"], name="code_alias_once")]

    def __str__(self) -> str:
        return self.alias
