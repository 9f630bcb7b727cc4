"""The checklist of the hearing as a part of the year."""

from evaluation.hearings.models import ChecklistComponent, ChecklistItem
from evaluation.hearings.operations import default_items, lock_checklist
from evaluation.hearings.queries import checklist_of, content_of
from evaluation.hearings.rules import content_faults
from hubs.terms.models import Term
from hubs.terms.parts import Content, LeafPart, register
from hubs.terms.rules.leaves import Leaf
from yorozu.core.access import Scope

TEXTS = ("text", *(f"anchor_{level}" for level in range(5)))
COMPONENTS = dict(ChecklistComponent.choices)


class ChecklistPart(LeafPart):
    """Items with five written anchors and their weights (G8)."""

    code = "checklist"
    label = "チェックリスト"
    order = 40
    hint = "ヒアリングで確かめる項目と、0から4までの評点の目安です。全国本部が定めます。"
    fixed = frozenset({"code", "component", "order"})
    long = frozenset(TEXTS)
    names = {
        str(field.name): str(field.verbose_name)
        for field in ChecklistItem._meta.fields
        if field.name in {*TEXTS, "weight"}
    }

    def group_of(self, leaf: Leaf) -> str:
        """The code stands for the item."""
        return leaf.path[0]

    def stands(self, term: Term) -> Content | None:
        """The newest checklist of the term."""
        checklist = checklist_of(term)
        return None if checklist is None else content_of(checklist.items.all())

    def default(self, term: Term) -> Content:
        """The product's checklist (fixtures/facts/checklist.csv)."""
        return content_of(default_items())

    def faults(self, content: Content) -> list[str]:
        """Texts are there and fit, weights are above zero."""
        return content_faults(content)

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Lock the checklist; other content becomes the next version."""
        lock_checklist(term, content, actor=actor)


register(ChecklistPart())
