"""Forms of this slice, one module per gesture."""

from hubs.plans.forms.drafting import (
    BulkForm,
    EditField,
    EditGroup,
    EditPage,
    InterviewForm,
    ReturnForm,
)

__all__ = ["BulkForm", "EditField", "EditGroup", "EditPage", "InterviewForm", "ReturnForm"]
