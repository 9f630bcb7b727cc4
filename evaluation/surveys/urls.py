"""Paths of this slice."""

from django.urls import path

from evaluation.surveys import views

urlpatterns = [
    path("", views.survey_list, name="survey_list"),
    path("<int:year>/", views.survey_term, name="survey_term"),
    path("<int:year>/satisfaction.<slug:kind>", views.survey_export, name="survey_export"),
    path("<int:year>/hubs/<slug:code>/", views.survey_hub, name="survey_hub"),
    path("<int:year>/partners/", views.partner_term, name="partner_term"),
    path("<int:year>/partners.<slug:kind>", views.partner_export, name="partner_export"),
]
