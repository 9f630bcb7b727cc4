"""Forms of this slice, one module per gesture."""

from hubs.plans.forms.deciding import BulkForm, ReturnForm
from hubs.plans.forms.drafting import (
    EditField,
    EditGroup,
    EditPage,
    field_of,
    moves_months,
    sends_of,
    typed_values,
)
from hubs.plans.forms.talk import (
    AcceptForm,
    CommentForm,
    InterviewForm,
    ProposalForm,
    attendee_forms,
)

__all__ = [
    "AcceptForm",
    "BulkForm",
    "CommentForm",
    "EditField",
    "EditGroup",
    "EditPage",
    "InterviewForm",
    "ProposalForm",
    "ReturnForm",
    "attendee_forms",
    "field_of",
    "moves_months",
    "sends_of",
    "typed_values",
]
