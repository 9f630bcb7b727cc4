"""Paths of guidance."""

from django.urls import path

from evaluation.guidance import views

urlpatterns = [
    path("", views.guidance_list, name="guidance_list"),
    path("export.csv", views.guidance_export, {"kind": "csv"}, name="guidance_csv"),
    path("export.xlsx", views.guidance_export, {"kind": "xlsx"}, name="guidance_xlsx"),
    path("method/", views.guidance_method, name="guidance_method"),
    path("effect/", views.guidance_effect, name="guidance_effect"),
    path("runs/<int:run_id>/", views.guidance_preview, name="guidance_preview"),
    path("<int:pk>/", views.guidance_detail, name="guidance_detail"),
    path("<int:pk>/plan/", views.guidance_plan, name="guidance_plan"),
    path("<int:pk>/actions/new/", views.guidance_action_new, name="guidance_action_new"),
    path("<int:pk>/note/", views.guidance_note, name="guidance_note"),
    path("<int:pk>/agree/", views.guidance_agree, name="guidance_agree"),
    path("<int:pk>/start/", views.guidance_start, name="guidance_start"),
    path("<int:pk>/replan/", views.guidance_replan, name="guidance_replan"),
    path("<int:pk>/checkpoint/", views.guidance_checkpoint, name="guidance_checkpoint"),
    path("<int:pk>/resume/", views.guidance_resume, name="guidance_resume"),
    path("<int:pk>/decide/", views.guidance_decide, name="guidance_decide"),
    path("<int:pk>/cancel/", views.guidance_cancel, name="guidance_cancel"),
    path("<int:pk>/print/", views.guidance_print, name="guidance_print"),
    path("<int:pk>/plan.pdf", views.guidance_pdf, name="guidance_pdf"),
    path("actions/<int:pk>/", views.guidance_action, name="guidance_action"),
    path("actions/<int:pk>/edit/", views.guidance_action_edit, name="guidance_action_edit"),
    path("actions/<int:pk>/evidence/", views.guidance_evidence, name="guidance_evidence"),
    path("actions/<int:pk>/done/", views.guidance_action_done, name="guidance_action_done"),
    path(
        "actions/<int:pk>/confirm/", views.guidance_action_confirm, name="guidance_action_confirm"
    ),
    path("actions/<int:pk>/return/", views.guidance_action_return, name="guidance_action_return"),
    path("actions/<int:pk>/drop/", views.guidance_action_drop, name="guidance_action_drop"),
    path("actions/<int:pk>/due/", views.guidance_action_due, name="guidance_action_due"),
    path("evidence/<int:pk>/", views.guidance_evidence_file, name="guidance_evidence_file"),
]
