"""What state and HQ do together: a record that needs the signature of both sides."""

from django.db import models

from yorozu.core.guards import Guard

SIGNATURE_COLUMNS = tuple(
    f"{side}_signed_{name}" for side in ("agency", "hq") for name in ("at", "by_id", "name")
)


class TwoSignatures(models.Model):
    """Signature of the SME Agency and of the national HQ, each with person and date."""

    agency_signed_at = models.DateTimeField("中小企業庁の承認日時", null=True, blank=True)
    agency_signed_by_id = models.BigIntegerField("中小企業庁の承認者番号", null=True, blank=True)
    agency_signed_name = models.CharField("中小企業庁の承認者", max_length=200, blank=True)
    hq_signed_at = models.DateTimeField("全国本部の承認日時", null=True, blank=True)
    hq_signed_by_id = models.BigIntegerField("全国本部の承認者番号", null=True, blank=True)
    hq_signed_name = models.CharField("全国本部の承認者", max_length=200, blank=True)

    class Meta:
        abstract = True


def both_signed(table: str, message: str) -> Guard:
    """Trigger: nothing becomes published without the signatures of both sides."""
    lacking = "(NEW.agency_signed_at IS NULL OR NEW.hq_signed_at IS NULL)"
    condition = f"NEW.state = 'published' AND OLD.state <> 'published' AND {lacking}"
    return Guard(table, "UPDATE", condition, message, "both")
