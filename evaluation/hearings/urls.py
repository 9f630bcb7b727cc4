"""Paths of this slice."""

from django.urls import path

from evaluation.hearings.views import (
    checklists,
    desk,
    evaluators,
    findings,
    initiatives,
    papers,
    planning,
    results,
)

DESK = "desk/<int:pk>/"
HUB = "<int:year>/hubs/<slug:code>/"
PLACE = f"{HUB}initiatives/<int:order>/"
DRAFT = "<int:year>/checklist/draft/"

urlpatterns = [
    path("", results.hearing_list, name="hearing_list"),
    path("desk/", desk.hearing_desk, name="hearing_desk"),
    path(DESK, desk.hearing_score, name="hearing_score"),
    path(f"{DESK}autosave/", desk.hearing_autosave, name="hearing_autosave"),
    path(f"{DESK}open/", desk.hearing_open, name="hearing_open"),
    path(f"{DESK}lock/", desk.hearing_lock, name="hearing_lock"),
    path(f"{DESK}settle/", desk.hearing_settle, name="hearing_settle"),
    path(f"{DESK}items/<slug:item>/", findings.hearing_finding, name="hearing_finding"),
    path(f"{DESK}items/<slug:item>/evidence/", findings.hearing_evidence, name="hearing_evidence"),
    path(f"{DESK}items/<slug:item>/na/", findings.hearing_na, name="hearing_na"),
    path("evidence/<int:pk>/file/", findings.hearing_evidence_file, name="hearing_evidence_file"),
    path(
        "evidence/<int:pk>/remove/",
        findings.hearing_evidence_remove,
        name="hearing_evidence_remove",
    ),
    path("proposals/<int:pk>/decide/", findings.hearing_na_decide, name="hearing_na_decide"),
    path("seats/<int:pk>/remove/", planning.hearing_unseat, name="hearing_unseat"),
    path("seats/<int:pk>/chair/", planning.hearing_chair, name="hearing_chair"),
    path("initiative-files/<int:pk>/", initiatives.initiative_file, name="initiative_file"),
    path(
        "initiative-files/<int:pk>/remove/",
        initiatives.initiative_file_remove,
        name="initiative_file_remove",
    ),
    path("<int:year>/", results.hearing_term, name="hearing_term"),
    path("<int:year>/scores.<slug:kind>", results.hearing_export, name="hearing_export"),
    path("<int:year>/schedule/", planning.hearing_schedule, name="hearing_schedule"),
    path(
        "<int:year>/schedule.<slug:kind>",
        planning.hearing_schedule_export,
        name="hearing_schedule_export",
    ),
    path("<int:year>/sheets/", papers.hearing_sheets_make, name="hearing_sheets_make"),
    path("<int:year>/prepare/", planning.hearing_prepare, name="hearing_prepare"),
    path("<int:year>/declaration/", evaluators.hearing_declaration, name="hearing_declaration"),
    path("<int:year>/evaluators/", evaluators.evaluator_list, name="evaluator_list"),
    path("<int:year>/evaluators/add/", evaluators.evaluator_add, name="evaluator_add"),
    path("<int:year>/evaluators/<int:pk>/", evaluators.evaluator_detail, name="evaluator_detail"),
    path(
        "<int:year>/evaluators/<int:pk>/waive/", evaluators.evaluator_waive, name="evaluator_waive"
    ),
    path(
        "<int:year>/evaluators/<int:pk>/retire/",
        evaluators.evaluator_retire,
        name="evaluator_retire",
    ),
    path("<int:year>/checklist/", checklists.checklist_detail, name="checklist_detail"),
    path("<int:year>/checklist/adopt/", checklists.checklist_adopt, name="checklist_adopt"),
    path("<int:year>/checklist/compare/", checklists.checklist_compare, name="checklist_compare"),
    path("<int:year>/checklist/begin/", checklists.checklist_begin, name="checklist_begin"),
    path(DRAFT, checklists.checklist_draft, name="checklist_draft"),
    path(f"{DRAFT}new/", checklists.checklist_item_new, name="checklist_item_new"),
    path(f"{DRAFT}act/<slug:act>/", checklists.checklist_draft_act, name="checklist_draft_act"),
    path(f"{DRAFT}items/<slug:item>/", checklists.checklist_item, name="checklist_item"),
    path(
        f"{DRAFT}items/<slug:item>/<slug:act>/",
        checklists.checklist_item_act,
        name="checklist_item_act",
    ),
    path(HUB, results.hearing_hub, name="hearing_hub"),
    path(f"{HUB}sheet/", papers.hearing_sheet, name="hearing_sheet"),
    path(f"{HUB}sheet.pdf", papers.hearing_sheet_pdf, name="hearing_sheet_pdf"),
    path(f"{HUB}plan/", planning.hearing_plan, name="hearing_plan"),
    path(f"{HUB}plan/seat/", planning.hearing_seat, name="hearing_seat"),
    path(f"{HUB}plan/<slug:step>/", planning.hearing_step, name="hearing_step"),
    path(f"{HUB}initiatives/", initiatives.initiatives, name="initiatives"),
    path(PLACE, initiatives.initiative_edit, name="initiative_edit"),
    path(f"{PLACE}autosave/", initiatives.initiative_autosave, name="initiative_autosave"),
    path(f"{PLACE}clear/", initiatives.initiative_clear, name="initiative_clear"),
    path(f"{PLACE}files/", initiatives.initiative_file_add, name="initiative_file_add"),
]
