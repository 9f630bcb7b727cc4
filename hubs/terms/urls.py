"""Paths of this slice."""

from django.urls import path

from hubs.terms.views import holidays, parts, policy, rules, terms

urlpatterns = [
    path("", terms.term_list, name="term_list"),
    path("open/", terms.term_open, name="term_open"),
    path("<int:pk>/", terms.term_detail, name="term_detail"),
    path("<int:pk>/discard/", terms.term_discard, name="term_discard"),
    path("<int:pk>/close/", terms.term_close, name="term_close"),
    path("<int:pk>/parts/", parts.term_parts, name="term_parts"),
    path("<int:pk>/parts/take-over/", parts.term_take_over, name="term_take_over"),
    path("<int:pk>/parts/<slug:code>/", parts.term_part, name="term_part"),
    path("<int:pk>/start/", parts.term_start, name="term_start"),
    path("<int:pk>/policy/", policy.policy_edit, name="policy_edit"),
    path("policies/<int:pk>/", policy.policy_detail, name="policy_detail"),
    path("policies/<int:pk>/difference/", policy.policy_difference, name="policy_difference"),
    path("policies/<int:pk>/publish/", policy.policy_publish, name="policy_publish"),
    path("policies/<int:pk>/unsign/", policy.policy_unsign, name="policy_unsign"),
    path("<int:pk>/rules/", rules.year_rules, name="year_rules"),
    path("<int:pk>/rules/register/", rules.year_rules_register, name="year_rules_register"),
    path("rules/<int:pk>/file/", rules.year_rules_file, name="year_rules_file"),
    path("<int:pk>/rules/change/", rules.rule_change, name="rule_change"),
    path("<int:pk>/rules/change/sign/", rules.rule_change_sign, name="rule_change_sign"),
    path(
        "<int:pk>/rules/change/withdraw/", rules.rule_change_withdraw, name="rule_change_withdraw"
    ),
    path("<int:pk>/rules/change/<slug:code>/", rules.rule_change_part, name="rule_change_part"),
    path("holidays/", holidays.holiday_list, name="holiday_list"),
    path("holidays/new/", holidays.holiday_new, name="holiday_new"),
    path("holidays/<int:pk>/", holidays.holiday_edit, name="holiday_edit"),
    path("holidays/<int:year>/estimate/", holidays.holiday_estimate, name="holiday_estimate"),
]
