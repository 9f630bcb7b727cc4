"""The panel of a hearing, its members' scores, proposals of N/A, and the evidence of items.

The rules about interests, declarations and locked scores are repeated here as triggers, so that no
way around the operations writes a score that must not be (evaluation.md 1.6, 1.7).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.hearings.models.evaluators import Evaluator
from evaluation.hearings.models.hearings import ChecklistResponse, Hearing
from evaluation.hearings.models.initiatives import InitiativeFile
from yorozu.core import clock
from yorozu.core.guards import Guard, changed, exists, frozen_children, frozen_columns, how_many


class PanelRole(models.TextChoices):
    """What a member does on the panel."""

    CHAIR = "chair", "主査"
    MEMBER = "member", "委員"


class PanelMember(models.Model):
    """The seat of an evaluator on the panel of one hearing; locked with the first scores."""

    hearing = models.ForeignKey(
        Hearing, on_delete=models.PROTECT, related_name="members", verbose_name="ヒアリング"
    )
    evaluator = models.ForeignKey(
        Evaluator, on_delete=models.PROTECT, related_name="seats", verbose_name="評価者"
    )
    role = models.CharField(
        "役割", max_length=6, choices=PanelRole.choices, default=PanelRole.MEMBER
    )
    seated_at = models.DateTimeField("編成日時", default=clock.now)
    seated_by_name = models.CharField("編成した人", max_length=200)
    locked_at = models.DateTimeField("第1回評点の確定日時", null=True, blank=True)

    class Meta:
        verbose_name = "パネルの委員"
        verbose_name_plural = "パネルの委員"
        ordering = ["hearing", "role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["hearing", "evaluator"], name="one_seat_per_hearing"),
            models.UniqueConstraint(
                fields=["hearing"], condition=Q(role="chair"), name="one_chair_per_hearing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hearing} {self.evaluator}"

    @property
    def hub_id(self) -> int:
        """A seat belongs to the hub of its hearing, for scope and audit."""
        return int(self.hearing.hub_id)

    @property
    def is_chair(self) -> bool:
        """Leads the panel and closes the hearing."""
        return self.role == PanelRole.CHAIR


class PanelRating(models.Model):
    """What one member gave on one item: the first score, or the second after talking again.

    Both stay; the second counts. A score is blank while only a comment is written.
    """

    FIRST, SECOND = 1, 2

    member = models.ForeignKey(
        PanelMember, on_delete=models.PROTECT, related_name="ratings", verbose_name="委員"
    )
    response = models.ForeignKey(
        ChecklistResponse,
        on_delete=models.PROTECT,
        related_name="panel_ratings",
        verbose_name="項目の確認",
    )
    round = models.PositiveSmallIntegerField("回", default=FIRST)
    score = models.PositiveSmallIntegerField("評点", null=True, blank=True)
    comment = models.TextField("所見", blank=True)
    version = models.PositiveIntegerField("版", default=1)
    updated_at = models.DateTimeField("更新日時", default=clock.now)

    class Meta:
        verbose_name = "評点"
        verbose_name_plural = "評点"
        ordering = ["response", "member", "round"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "response", "round"], name="one_score_per_round"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=4), name="panel_score_0_to_4"
            ),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="panel_round_1_or_2"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.response.item.code} 第{self.round}回"

    @property
    def hub_id(self) -> int:
        """A score belongs to the hub of its hearing."""
        return self.member.hub_id


class ProposalState(models.TextChoices):
    """What became of a proposal that an item does not apply."""

    PROPOSED = "proposed", "承認待ち"
    APPROVED = "approved", "承認"
    REFUSED = "refused", "不承認"


class NotApplicableProposal(models.Model):
    """A member says that an item does not apply to the hub; another person decides (1.6)."""

    response = models.ForeignKey(
        ChecklistResponse,
        on_delete=models.PROTECT,
        related_name="proposals",
        verbose_name="項目の確認",
    )
    reason = models.CharField("該当なしの理由", max_length=200)
    state = models.CharField(
        "状態", max_length=8, choices=ProposalState.choices, default=ProposalState.PROPOSED
    )
    proposed_at = models.DateTimeField("提案日時", default=clock.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="提案した人",
    )
    proposed_by_name = models.CharField("提案した人の氏名", max_length=200)
    decided_at = models.DateTimeField("判断日時", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="判断した人",
    )
    decided_by_name = models.CharField("判断した人の氏名", max_length=200, blank=True)
    decision_note = models.CharField("判断の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "該当なしの提案"
        verbose_name_plural = "該当なしの提案"
        ordering = ["response", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response"],
                condition=Q(state="proposed"),
                name="one_open_proposal_per_item",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(proposed_by=None)
                | ~Q(decided_by=F("proposed_by")),
                name="proposal_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response} 該当なしの提案"

    @property
    def hub_id(self) -> int:
        """A proposal belongs to the hub of its hearing."""
        return int(self.response.hearing.hub_id)


class EvidenceKind(models.TextChoices):
    """What proves a 3 or a 4 (1.6)."""

    DOCUMENT = "document", "資料"
    SIT_IN = "sit_in", "同席記録"
    PORTFOLIO = "portfolio", "独自の取組の資料"


class HearingEvidence(models.Model):
    """One proof of an item: a file, a record of a sit-in, or a file of the hub's portfolio."""

    response = models.ForeignKey(
        ChecklistResponse,
        on_delete=models.PROTECT,
        related_name="evidence",
        verbose_name="項目の確認",
    )
    kind = models.CharField("種別", max_length=10, choices=EvidenceKind.choices)
    title = models.CharField("名称", max_length=120)
    path = models.CharField("ファイルの場所", max_length=200, blank=True)
    sha256 = models.CharField("ファイルのハッシュ", max_length=64, blank=True)
    size = models.PositiveIntegerField("大きさ（バイト）", default=0)
    sat_in_on = models.DateField("同席日", null=True, blank=True)
    initiative_file = models.ForeignKey(
        InitiativeFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="独自の取組の資料",
    )
    added_at = models.DateTimeField("登録日時", default=clock.now)
    added_by_id = models.BigIntegerField("登録者番号", null=True, blank=True)
    added_by_name = models.CharField("登録した人", max_length=200)

    class Meta:
        verbose_name = "根拠"
        verbose_name_plural = "根拠"
        ordering = ["response", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="document") & ~Q(path="")
                | Q(kind="sit_in", path="") & ~Q(sat_in_on=None)
                | Q(kind="portfolio", path="") & ~Q(initiative_file=None),
                name="evidence_has_its_proof",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_kind_display()}）"

    @property
    def hub_id(self) -> int:
        """A proof belongs to the hub of its hearing."""
        return int(self.response.hearing.hub_id)


def barred_sql(evaluator: str, hub: str) -> str:
    """SQL: the evaluator has a block for the hub that nobody has waived."""
    waived = exists("evaluation_conflictwaiver w", "w.block_id = b.id")
    return exists(
        "evaluation_conflictblock b",
        f"b.evaluator_id = {evaluator} AND b.hub_id = {hub} AND NOT {waived}",
    )


def _signed_sql(evaluator: str) -> str:
    return exists("evaluation_conflictdeclaration d", f"d.evaluator_id = {evaluator}")


def _seat_where(side: str, condition: str) -> str:
    """SQL: there is the seat of this score, and ``condition`` (over m and h) holds for it."""
    return exists(
        "evaluation_panelmember m JOIN evaluation_hearing h ON h.id = m.hearing_id",
        f"m.id = {side}.member_id AND {condition}",
    )


def _open_for(side: str) -> str:
    """SQL: the score may be written now: its round is open and the item is of the same hearing."""
    same = exists(
        "evaluation_checklistresponse r",
        f"r.id = {side}.response_id AND r.hearing_id = m.hearing_id",
    )
    first = f"{side}.round = 1 AND h.state = 'scoring' AND m.locked_at IS NULL"
    second = f"{side}.round = 2 AND h.state = 'reconciling'"
    return _seat_where(side, f"{same} AND (({first}) OR ({second}))")


_BARRED = "利益相反のある評価者の評点は記録できません。"
_UNSIGNED = "利益相反の宣誓をしていない評価者の評点は記録できません。"
_CLOSED = "この段階では評点を変更できません。"
_SEAT_BARRED = "利益相反のある評価者はパネルに加えられません。"
_SETTLED = "確定したヒアリングは変更できません。"
_FEW = "利益相反のない評価者が3人以上そろっていないため、この段階に進めません。"
_MOVED = changed(["member_id", "response_id", "round"])
_FREE_SEATS = how_many(
    "evaluation_panelmember m",
    f"m.hearing_id = NEW.id AND {_signed_sql('m.evaluator_id')}"
    f" AND NOT {barred_sql('m.evaluator_id', 'NEW.hub_id')}",
)
# Going back to scoring is the way to fill a panel that has become too small.
_FORWARD = (
    "OLD.state <> NEW.state AND (NEW.state = 'settled'"
    " OR (NEW.state = 'scoring' AND OLD.state <> 'reconciling'))"
)
_NOT_DECIDED = "判断した該当なしの提案は変更できません。"
GUARDS = [
    *(
        guard
        for event in ("INSERT", "UPDATE")
        for guard in (
            Guard(
                "evaluation_panelrating",
                event,
                _seat_where("NEW", barred_sql("m.evaluator_id", "h.hub_id")),
                _BARRED,
                "barred",
            ),
            Guard(
                "evaluation_panelrating",
                event,
                _seat_where("NEW", f"NOT {_signed_sql('m.evaluator_id')}"),
                _UNSIGNED,
                "unsigned",
            ),
            Guard(
                "evaluation_panelrating",
                event,
                f"NOT {_open_for('NEW')}"
                + (f" OR NOT {_open_for('OLD')} OR {_MOVED}" if event == "UPDATE" else ""),
                _CLOSED,
                "closed",
            ),
        )
    ),
    Guard("evaluation_panelrating", "DELETE", "", "評点は削除できません。"),
    Guard(
        "evaluation_panelmember",
        "INSERT",
        exists(
            "evaluation_hearing h",
            f"h.id = NEW.hearing_id AND {barred_sql('NEW.evaluator_id', 'h.hub_id')}",
        ),
        _SEAT_BARRED,
        "barred",
    ),
    *frozen_children(
        "evaluation_panelmember",
        "evaluation_hearing",
        "hearing_id",
        "p.state = 'settled'",
        _SETTLED,
    ),
    frozen_columns(
        "evaluation_panelmember",
        ["hearing_id", "evaluator_id", "locked_at"],
        "OLD.locked_at IS NOT NULL",
        "第1回の評点を確定した委員は変更できません。",
    ),
    Guard(
        "evaluation_hearing",
        "UPDATE",
        f"{_FORWARD} AND {_FREE_SEATS} < 3",
        _FEW,
        "panel",
    ),
    *(
        guard
        for table in ("evaluation_notapplicableproposal", "evaluation_hearingevidence")
        for guard in frozen_children(
            table,
            "evaluation_checklistresponse",
            "response_id",
            "EXISTS (SELECT 1 FROM evaluation_hearing h"
            " WHERE h.id = p.hearing_id AND h.state = 'settled')",
            _SETTLED,
        )
    ),
    Guard(
        "evaluation_notapplicableproposal",
        "UPDATE",
        "OLD.state <> 'proposed'",
        _NOT_DECIDED,
        "decided",
    ),
    Guard("evaluation_notapplicableproposal", "DELETE", "", "該当なしの提案は削除できません。"),
]
