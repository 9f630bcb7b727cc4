"""The budget rule as a part of the year: which rule its results will be turned into yen by."""

from evaluation.budget.operations import NEED_FACTORS, store_rule
from evaluation.budget.queries import YEAR_PART, year_rule
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from evaluation.budget.rules.words import PARAMETER_WORDS, VALUE_WORDS
from hubs.terms.models import Term
from hubs.terms.parts import Content, LeafPart, register
from hubs.terms.rules.leaves import Leaf
from yorozu.core.access import Scope


class BudgetRulePart(LeafPart):
    """Shares, limits and slope of the allocation (evaluation.md 3.2)."""

    code = YEAR_PART
    label = "配分基準"
    order = 50
    hint = "評価を次年度の配分額に変える割合と上下限です。決めない場合は、配分案ごとに定めます。"
    required = False
    names = {**PARAMETER_WORDS, **VALUE_WORDS}

    def group_of(self, leaf: Leaf) -> str:
        """One list of values; the need factors under their own heading."""
        return PARAMETER_WORDS[leaf.path[0]] if len(leaf.path) > 1 else "割合と上下限"

    def label_of(self, leaf: Leaf) -> str:
        """The heading says the rest."""
        return self.word(leaf.path, len(leaf.path) - 1)

    def stands(self, term: Term) -> Content | None:
        """The rule decided for the term."""
        return year_rule(term)

    def default(self, term: Term) -> Content:
        """The programme's default rule."""
        return {**DEFAULT_PARAMS, "need_factors": dict(NEED_FACTORS)}

    def faults(self, content: Content) -> list[str]:
        """What the engine refuses."""
        try:
            read_params(content)
        except (ValueError, TypeError) as error:
            return [str(error)]
        return []

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Keep the rule as a version; the decision on the part binds it to the term."""
        store_rule(actor, content, "配分基準")


register(BudgetRulePart())
