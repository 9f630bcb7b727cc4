"""Frame of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts and sign-in."""

    name = "yorozu.core.accounts"
    label = "accounts"
    verbose_name = "利用者"
