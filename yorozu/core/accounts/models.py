"""The account of a person who signs in by e-mail address."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from yorozu.core import clock


class UserManager(BaseUserManager["User"]):
    """Creates accounts; the address is stored in lower case, because people type it either way."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create one account. An account without a password cannot sign in until one is set."""
        if not email:
            raise ValueError("email is required")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account with all Django permissions (set-up only, never for daily work)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the account by address, whatever the case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Roles are dated memberships (hubs.network), never flags on the account."""

    email = models.EmailField("メールアドレス", unique=True)
    name = models.CharField("氏名", max_length=80)
    is_active = models.BooleanField("有効", default=True)
    is_staff = models.BooleanField("管理画面を使う", default=False)
    is_sample = models.BooleanField("サンプル", default=False)
    # Sessions begun before this moment are over: set when the account is locked.
    sessions_ended_at = models.DateTimeField("セッション失効日時", null=True, blank=True)
    date_joined = models.DateTimeField("登録日時", default=clock.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "利用者"
        verbose_name_plural = "利用者"
        ordering = ["email"]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def get_full_name(self) -> str:
        """Name for screens and mail."""
        return self.name

    def get_short_name(self) -> str:
        """Name for screens and mail."""
        return self.name
