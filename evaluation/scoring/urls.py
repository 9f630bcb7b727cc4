"""Paths of runs, of their fact check and of the panel."""

from django.urls import path

from evaluation.scoring.views import facts, panel, runs

urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("<int:run_id>/", runs.run_detail, name="run_detail"),
    path("<int:run_id>/hubs/<str:code>/", runs.run_hub, name="run_hub"),
    path("<int:run_id>/ask/", facts.run_ask, name="run_ask"),
    path("<int:run_id>/facts/", facts.run_facts, name="run_facts"),
    path("<int:run_id>/facts/close/", facts.run_close_facts, name="run_close_facts"),
    path("<int:run_id>/panel/", panel.run_panel, name="run_panel"),
    path("<int:run_id>/panel/apply/", panel.run_apply, name="run_apply"),
    path("<int:run_id>/fix/", runs.run_fix, name="run_fix"),
    path("<int:run_id>/publish/", runs.run_publish, name="run_publish"),
    path("<int:run_id>/discard/", runs.run_discard, name="run_discard"),
    path("<int:run_id>/delete/", runs.run_delete, name="run_delete"),
    path("facts/<int:pk>/", facts.fact_check, name="fact_check"),
    path("facts/<int:pk>/confirm/", facts.fact_confirm, name="fact_confirm"),
    path("facts/<int:pk>/remark/", facts.fact_remark_new, name="fact_remark_new"),
    path("remarks/<int:pk>/", facts.fact_remark, name="fact_remark"),
    path("remarks/<int:pk>/answer/", facts.fact_remark_answer, name="fact_remark_answer"),
    path("remarks/<int:pk>/withdraw/", facts.fact_remark_withdraw, name="fact_remark_withdraw"),
    path("remarks/<int:pk>/evidence/", facts.fact_evidence_file, name="fact_evidence_file"),
    path("adjustments/<int:pk>/second/", panel.adjustment_second, name="adjustment_second"),
    path("adjustments/<int:pk>/drop/", panel.adjustment_drop, name="adjustment_drop"),
]
