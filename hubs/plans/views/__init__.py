"""Screens of the plan: list, page and print, edit with autosave, check, interview, decisions."""

from hubs.plans.views.amending import (
    amendment_approve,
    amendment_autosave,
    amendment_detail,
    amendment_edit,
    amendment_new,
    amendment_refuse,
    amendment_return,
    amendment_submit,
    amendment_withdraw,
)
from hubs.plans.views.comparing import plan_difference, plan_difference_print
from hubs.plans.views.deciding import plan_finalize, plan_return, plan_submit
from hubs.plans.views.drafting import plan_autosave, plan_edit, plan_renew_figures
from hubs.plans.views.interviewing import plan_interview, plan_interview_print
from hubs.plans.views.listing import (
    plan_export,
    plan_finalize_many,
    plan_forms_start,
    plan_list,
    plan_open,
)
from hubs.plans.views.reading import plan_detail, plan_pdf, plan_print
from hubs.plans.views.reviewing import (
    plan_accept,
    plan_answer,
    plan_comment,
    plan_propose,
    plan_review,
)
from hubs.plans.views.versions import (
    plan_version,
    plan_version_json,
    plan_version_pdf,
    plan_version_print,
    plan_versions,
)

__all__ = [
    "amendment_approve",
    "amendment_autosave",
    "amendment_detail",
    "amendment_edit",
    "amendment_new",
    "amendment_refuse",
    "amendment_return",
    "amendment_submit",
    "amendment_withdraw",
    "plan_accept",
    "plan_answer",
    "plan_autosave",
    "plan_comment",
    "plan_detail",
    "plan_difference",
    "plan_difference_print",
    "plan_edit",
    "plan_export",
    "plan_finalize",
    "plan_finalize_many",
    "plan_forms_start",
    "plan_interview",
    "plan_interview_print",
    "plan_list",
    "plan_open",
    "plan_pdf",
    "plan_print",
    "plan_propose",
    "plan_renew_figures",
    "plan_return",
    "plan_review",
    "plan_submit",
    "plan_version",
    "plan_version_json",
    "plan_version_pdf",
    "plan_version_print",
    "plan_versions",
]
