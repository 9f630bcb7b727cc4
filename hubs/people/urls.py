"""Paths of people: surveys with their table, the people of a hub, one person."""

from django.urls import path

from hubs.people import views

urlpatterns = [
    path("surveys/", views.qualification_surveys, name="qualification_surveys"),
    path("surveys/<int:pk>/", views.qualification_survey, name="qualification_survey"),
    path(
        "surveys/<int:pk>/summary.<slug:kind>",
        views.qualification_export,
        name="qualification_export",
    ),
    path("hubs/<str:code>/", views.hub_people, name="hub_people"),
    path("<int:pk>/", views.person_detail, name="person_detail"),
    path("engagements/<int:pk>/end/", views.engagement_end, name="engagement_end"),
]
