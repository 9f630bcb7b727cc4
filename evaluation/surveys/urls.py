"""Paths of this slice."""

from django.urls import path

from evaluation.surveys import views

urlpatterns = [
    path("", views.survey_list, name="survey_list"),
    path("questionnaires/", views.questionnaire_list, name="questionnaire_list"),
    path("questionnaires/new/<slug:kind>/", views.questionnaire_new, name="questionnaire_new"),
    path("questionnaires/<int:pk>/", views.questionnaire_detail, name="questionnaire_detail"),
    path("questionnaires/<int:pk>/edit/", views.questionnaire_edit, name="questionnaire_edit"),
    path("waves/", views.survey_waves, name="survey_waves"),
    path("waves/new/", views.survey_wave_new, name="survey_wave_new"),
    path("waves/exclude/", views.survey_exclude, name="survey_exclude"),
    path("waves/include/<int:pk>/", views.survey_include, name="survey_include"),
    path("waves/<int:pk>/", views.survey_wave, name="survey_wave"),
    path("waves/<int:pk>/edit/", views.survey_wave_edit, name="survey_wave_edit"),
    path("waves/<int:pk>/hubs.<slug:kind>", views.survey_wave_export, name="survey_wave_export"),
    path("waves/<int:pk>/redraw/", views.survey_redraw, name="survey_redraw"),
    path("waves/<int:pk>/texts/", views.survey_texts, name="survey_texts"),
    path("waves/<int:pk>/draw/", views.survey_draw, name="survey_draw"),
    path("waves/<int:pk>/open/", views.survey_open, name="survey_open"),
    path("waves/<int:pk>/close/", views.survey_close, name="survey_close"),
    path("waves/<int:pk>/cancel/", views.survey_cancel, name="survey_cancel"),
    path("waves/<int:pk>/letters/<slug:mode>/", views.survey_letters, name="survey_letters"),
    path("waves/<int:pk>/bundles/<int:job_id>/", views.survey_bundle, name="survey_bundle"),
    path("waves/<int:pk>/paper/", views.survey_paper, name="survey_paper"),
    path("<int:year>/", views.survey_term, name="survey_term"),
    path("<int:year>/satisfaction.<slug:kind>", views.survey_export, name="survey_export"),
    path("<int:year>/hubs/<slug:code>/", views.survey_hub, name="survey_hub"),
    path("<int:year>/partners/", views.partner_term, name="partner_term"),
    path("<int:year>/partners.<slug:kind>", views.partner_export, name="partner_export"),
]
# Short, because it stands on paper and in a QR code.
answering = [path("<str:token>/", views.survey_answer, name="survey_answer")]
