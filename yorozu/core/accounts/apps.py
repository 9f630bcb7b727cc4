"""Frame of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts and sign-in."""

    name = "yorozu.core.accounts"
    label = "accounts"
    verbose_name = "利用者"

    def ready(self) -> None:
        """Enter the policy table and the system checks of the ground."""
        import yorozu.core.checks
        import yorozu.core.policy  # noqa: F401
