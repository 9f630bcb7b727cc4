"""Forms of guidance: decisions on all hubs, plan, action, evidence, checkpoint, reasons."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from evaluation.guidance.models import CheckpointKind, GuidanceCase
from evaluation.guidance.operations import ActionValues, CheckpointValues, PlanValues, Wanted
from evaluation.guidance.operations.acting import KINDS, MAX_BYTES, Attached
from evaluation.guidance.operations.acting import MAX_TEXT as MAX_EVIDENCE
from evaluation.guidance.operations.planning import MAX_TEXT
from evaluation.guidance.queries import Line
from evaluation.guidance.rules import LEVELS
from yorozu.core.web.forms import CountField, JapaneseDateField

NOTHING = "対象外"
WAIVED = "見送り"


class OpenForm(forms.Form):
    """A level and a reason for every hub on which a decision is still free."""

    def __init__(self, data: Any = None, *, lines: Iterable[Line]) -> None:
        super().__init__(data)
        self.lines = [line for line in lines if line.is_free]
        for line in self.lines:
            none = WAIVED if line.level else NOTHING
            levels = [(str(level), f"{level} {label}") for level, label in LEVELS.items()]
            code, name = line.hub.code, line.hub.name
            self.fields[f"level_{code}"] = forms.ChoiceField(
                label=f"{name}の段階",
                choices=[("0", none), *levels],
                initial=str(line.level),
            )
            self.fields[f"reason_{code}"] = forms.CharField(
                label=f"{name}の理由", required=False, max_length=2000
            )

    def clean(self) -> dict[str, Any]:
        """A decision beside the rule needs a reason: said at the field."""
        data: dict[str, Any] = super().clean() or {}
        for line in self.lines:
            code = line.hub.code
            level = data.get(f"level_{code}")
            if level is not None and int(level) != line.level and not data.get(f"reason_{code}"):
                self.add_error(f"reason_{code}", "基準と異なる判断には、理由を入力してください。")
        return data

    def wanted(self) -> dict[str, Wanted]:
        """Decisions by hub code; hubs without a trigger only where somebody decided something."""
        found = {}
        for line in self.lines:
            code = line.hub.code
            level = int(self.cleaned_data[f"level_{code}"])
            if level or line.level:
                found[code] = Wanted(level, self.cleaned_data[f"reason_{code}"])
        return found


class PlanForm(forms.Form):
    """Causes and support; ``version`` says which text the writer has read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    causes = forms.CharField(
        label="原因",
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="拠点と話し合って合意した原因を書いてください。個人の評価ではなく、体制や進め方を書きます。",
    )
    goal = forms.CharField(
        label="目標とする状態",
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="指導が終わるときに、どうなっていればよいかを書いてください。",
    )
    project_manager = forms.CharField(
        label="担当プロジェクトマネージャー", max_length=80, required=False
    )
    supporter = forms.CharField(label="サポーター", max_length=80, required=False)
    training_seats = CountField(label="研修の受講枠（人）", maximum=999, required=False)
    support_yen = CountField(label="留保からの支援額（円）", maximum=9_999_999_999, required=False)
    support_note = forms.CharField(
        label="支援の内容",
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @classmethod
    def of(cls, case: GuidanceCase, data: Any = None) -> "PlanForm":
        """Filled with what stands."""
        names = [name for name in cls.base_fields if name != "version"]
        initial = {name: getattr(case, name) for name in names}
        return cls(data, initial={**initial, "version": case.version})

    def values(self) -> PlanValues:
        """As the operation takes them; an empty count is 0."""
        given = {name: self.cleaned_data[name] for name in self.fields if name != "version"}
        for name in ("training_seats", "support_yen"):
            given[name] = given[name] or 0
        return PlanValues(**given)


class ActionForm(forms.Form):
    """One action of the plan."""

    text = forms.CharField(
        label="取組", max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    owner = forms.ChoiceField(label="担当", help_text="役割として、または担当する人を選びます。")
    due = JapaneseDateField(label="期限")
    evidence_rule = forms.CharField(
        label="完了を示す資料", max_length=200, help_text="例：改訂した相談記録の様式、研修の修了証"
    )
    link = forms.ChoiceField(label="対応する評価の項目", required=False)
    target = forms.CharField(
        label="目標", max_length=120, required=False, help_text="例：課題解決件数を月30件"
    )
    is_serious = forms.BooleanField(
        label="重要な取組とする（資料のファイルと、別の人の確認が必要です）",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        owners: Sequence[tuple[str, list[tuple[str, str]]]],
        links: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = forms.ChoiceField(
            label="担当",
            choices=[("", "選んでください"), *owners],
            help_text="役割として、または担当する人を選びます。",
        )
        self.fields["link"] = forms.ChoiceField(
            label="対応する評価の項目",
            choices=[("", "なし"), *links],
            required=False,
            help_text="この取組で良くする項目です（括弧内は発動時の得点）。",
        )
        self.order_fields(list(self.base_fields))

    def values(self) -> ActionValues:
        """As the operation takes them."""
        return ActionValues(**self.cleaned_data)


class EvidenceForm(forms.Form):
    """What shows that an action is done."""

    text = forms.CharField(
        label="資料の説明",
        max_length=MAX_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="相談者の氏名などの個人情報は書かないでください。",
    )
    file = forms.FileField(
        label="ファイル",
        required=False,
        allow_empty_file=True,
        help_text=f"{'、'.join(sorted(KINDS))}。{MAX_BYTES // 1024 // 1024}MBまで。",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(KINDS))}),
    )

    def attached(self) -> Attached | None:
        """The file, read no further than one byte past what is taken."""
        file = self.cleaned_data.get("file")
        return None if file is None else Attached(file.name, file.read(MAX_BYTES + 1))


class ReasonForm(forms.Form):
    """Why; it is kept in the record."""

    reason = forms.CharField(
        label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DueForm(ReasonForm):
    """Another due date."""

    due = JapaneseDateField(label="新しい期限")
    field_order = ("due", "reason")


class NoteForm(forms.Form):
    """What somebody says about the case."""

    text = forms.CharField(
        label="意見",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="拠点、経済産業局、全国本部の全員が読みます。",
    )


class CheckpointForm(forms.Form):
    """What people add to the figures of the day."""

    kind = forms.ChoiceField(label="種類", choices=CheckpointKind.choices, widget=forms.RadioSelect)
    held_on = JapaneseDateField(label="実施日")
    findings = forms.CharField(
        label="所見", max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    sit_ins = CountField(label="同席した相談の件数", maximum=99, required=False)
    sit_in_score = forms.DecimalField(
        label="同席の評点の平均（0～4）",
        min_value=0,
        max_value=4,
        max_digits=3,
        decimal_places=2,
        required=False,
    )
    next_on = JapaneseDateField(label="次の予定日", required=False)

    def values(self) -> CheckpointValues:
        """As the operation takes them."""
        given = dict(self.cleaned_data)
        given["kind"] = CheckpointKind(given["kind"])
        given["sit_ins"] = given["sit_ins"] or 0
        return CheckpointValues(**given)


class DecideForm(forms.Form):
    """How the case goes on; a conclusion beside the rule needs a reason."""

    outcome = forms.ChoiceField(label="結論", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="基準による結論と異なるときは、必ず入力してください。拠点が読みます。",
    )

    def __init__(self, *args: Any, outcomes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"] = forms.ChoiceField(
            label="結論", widget=forms.RadioSelect, choices=list(outcomes)
        )
        self.order_fields(["outcome", "reason"])
