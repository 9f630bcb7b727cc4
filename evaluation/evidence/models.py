"""Evidence books: numbered, hashed, never changed."""

from django.db import models

from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import append_only


class EvidenceBook(models.Model):
    """What judgement may read about one hub and term, as canonical JSON text (evaluation.md 5).

    A later freeze makes a new book with the next number; ``previous_hash`` chains the books of a
    hub and term.
    """

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    number = models.PositiveSmallIntegerField("号")
    as_of = models.DateField("基準日")
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)
    previous_hash = models.CharField("前のハッシュ", max_length=64)
    frozen_at = models.DateTimeField("凍結日時", default=clock.now)
    frozen_by_name = models.CharField("凍結した人", max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "証拠台帳"
        verbose_name_plural = "証拠台帳"
        ordering = ["term", "hub", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "hub", "number"], name="one_evidence_book_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} 証拠台帳 第{self.number}号"


GUARDS = append_only("evaluation_evidencebook", "証拠台帳は変更も削除もできません。")
