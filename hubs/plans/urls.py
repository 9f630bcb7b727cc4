"""Paths of this slice."""

from django.urls import path

from hubs.plans import views

AMENDMENT = "amendments/<int:pk>/"
VERSION = "<int:pk>/versions/<int:number>/"

urlpatterns = [
    path("term/<int:pk>/", views.plan_list, name="plan_list"),
    path("term/<int:pk>/list.<str:kind>", views.plan_export, name="plan_export"),
    path("term/<int:pk>/forms/", views.plan_forms_start, name="plan_forms_start"),
    path("term/<int:pk>/open/<int:hub_pk>/", views.plan_open, name="plan_open"),
    path("term/<int:pk>/finalize/", views.plan_finalize_many, name="plan_finalize_many"),
    path("<int:pk>/", views.plan_detail, name="plan_detail"),
    path("<int:pk>/print/", views.plan_print, name="plan_print"),
    path("<int:pk>/plan.pdf", views.plan_pdf, name="plan_pdf"),
    path("<int:pk>/difference/", views.plan_difference, name="plan_difference"),
    path("<int:pk>/difference/print/", views.plan_difference_print, name="plan_difference_print"),
    path("<int:pk>/versions/", views.plan_versions, name="plan_versions"),
    path(VERSION, views.plan_version, name="plan_version"),
    path(f"{VERSION}print/", views.plan_version_print, name="plan_version_print"),
    path(f"{VERSION}plan.pdf", views.plan_version_pdf, name="plan_version_pdf"),
    path(f"{VERSION}plan.json", views.plan_version_json, name="plan_version_json"),
    path("<int:pk>/amendments/new/", views.amendment_new, name="amendment_new"),
    path(AMENDMENT, views.amendment_detail, name="amendment_detail"),
    path(f"{AMENDMENT}edit/", views.amendment_edit, name="amendment_edit"),
    path(f"{AMENDMENT}edit/autosave/", views.amendment_autosave, name="amendment_autosave"),
    path(f"{AMENDMENT}submit/", views.amendment_submit, name="amendment_submit"),
    path(f"{AMENDMENT}withdraw/", views.amendment_withdraw, name="amendment_withdraw"),
    path(f"{AMENDMENT}return/", views.amendment_return, name="amendment_return"),
    path(f"{AMENDMENT}approve/", views.amendment_approve, name="amendment_approve"),
    path(f"{AMENDMENT}refuse/", views.amendment_refuse, name="amendment_refuse"),
    path("<int:pk>/edit/", views.plan_edit, name="plan_edit"),
    path("<int:pk>/edit/autosave/", views.plan_autosave, name="plan_autosave"),
    path("<int:pk>/edit/figures/", views.plan_renew_figures, name="plan_renew_figures"),
    path("<int:pk>/review/", views.plan_review, name="plan_review"),
    path("<int:pk>/review/comment/", views.plan_comment, name="plan_comment"),
    path("<int:pk>/review/answer/", views.plan_answer, name="plan_answer"),
    path("<int:pk>/review/propose/", views.plan_propose, name="plan_propose"),
    path("<int:pk>/review/accept/", views.plan_accept, name="plan_accept"),
    path("<int:pk>/submit/", views.plan_submit, name="plan_submit"),
    path("<int:pk>/interview/", views.plan_interview, name="plan_interview"),
    path("<int:pk>/interview/print/", views.plan_interview_print, name="plan_interview_print"),
    path("<int:pk>/return/", views.plan_return, name="plan_return"),
    path("<int:pk>/finalize/", views.plan_finalize, name="plan_finalize"),
]
