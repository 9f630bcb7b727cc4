"""The talk before the plan is fixed: interview with its people, comments, proposals."""

from collections.abc import Sequence
from typing import Any

from django import forms

from hubs.plans.models import Side
from hubs.plans.operations import Approvals
from hubs.plans.rules.talk import (
    LONGEST_NAME,
    MAX_ATTENDEES,
    Attendee,
    InterviewRecord,
    attendee_problems,
)
from yorozu.core.web.forms import CountField, JapaneseDateField

# Rows without a name are left out; a few more than the usual interview needs.
LEAST_ROWS, FREE_ROWS = 6, 2


class InterviewForm(forms.Form):
    """The start interview; agreed factors and zero targets are ticked here and nowhere else."""

    held_on = JapaneseDateField(label="実施日")
    minutes = forms.CharField(
        label="記録",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="計画と目標について話し合ったことを書いてください。",
    )
    agreed_points = forms.CharField(
        label="合意した事項",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="目標値、重点分野、進め方など、双方が合意したことを1行に1つ書いてください。",
    )

    def __init__(
        self,
        *args: Any,
        zeros: Sequence[tuple[str, str]] = (),
        challenges: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if challenges:
            self.fields["challenge_approved"] = _ticks("挑戦係数の承認", challenges)
        if zeros:
            self.fields["zero_approved"] = _ticks("目標0の承認", zeros)

    def record(self, attendees: Sequence[Attendee]) -> InterviewRecord:
        """What was written down, with the people of the other form."""
        said = self.cleaned_data
        return InterviewRecord(said["held_on"], attendees, said["minutes"], said["agreed_points"])

    def approvals(self) -> Approvals:
        """What was ticked."""
        said = self.cleaned_data
        return Approvals(said.get("zero_approved", ()), said.get("challenge_approved", ()))


def _ticks(label: str, choices: Sequence[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
    )


class AttendeeForm(forms.Form):
    """One person at the interview; a row without a name is no person."""

    side = forms.ChoiceField(label="立場", choices=Side.choices)
    organisation = forms.CharField(label="所属", max_length=LONGEST_NAME, required=False)
    name = forms.CharField(label="氏名", max_length=LONGEST_NAME, required=False)


class BaseAttendeeFormSet(forms.BaseFormSet):
    """The people at the interview, at least one of each side."""

    def clean(self) -> None:
        """Both sides sat at the table."""
        if any(self.errors):
            return
        if problems := attendee_problems(self.attendees()):
            raise forms.ValidationError(problems)

    def attendees(self) -> list[Attendee]:
        """The rows with a name, in their order."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data]
        return [
            Attendee(row["side"], row["organisation"].strip(), row["name"].strip())
            for row in rows
            if row.get("name", "").strip()
        ]


_AttendeeFormSet = forms.formset_factory(
    AttendeeForm, formset=BaseAttendeeFormSet, extra=0, max_num=MAX_ATTENDEES, validate_max=True
)


def attendee_forms(data: Any, known: Sequence[Attendee]) -> Any:
    """The rows of the page: those known, and free ones; ``data`` None for a fresh page."""
    initial = [vars(row) for row in known]
    free = max(FREE_ROWS, LEAST_ROWS - len(initial))
    initial += [{"side": Side.HUB}] * min(free, MAX_ATTENDEES - len(initial))
    return _AttendeeFormSet(data, initial=initial, prefix="people")


class CommentForm(forms.Form):
    """A comment on a part of the plan, or a line of a thread."""

    section = forms.CharField(max_length=40, required=False)
    thread = forms.IntegerField(required=False)
    body = forms.CharField(label="コメント", max_length=2_000, required=False)
    closes = forms.BooleanField(required=False)


class ProposalForm(forms.Form):
    """Another value for a target, with the reason."""

    field = forms.CharField(max_length=40)
    value = CountField(label="提案する値")
    reason = forms.CharField(label="理由", max_length=1_000)


class AcceptForm(forms.Form):
    """The round that is accepted."""

    field = forms.CharField(max_length=40)
    proposal = forms.IntegerField(min_value=1)
