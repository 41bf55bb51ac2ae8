"""The staff's forms: coming in, proving oneself again, and being given rights."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.accounts.models import Role
from webapp.staff.usecases import FEWEST_CHARACTERS, SHORTEST_PASSWORD
from webapp.staff.words import ROLES
from webapp.web.fields import options
from webapp.web.present import settings


class SignInForm(FlaskForm):
    """A clerk's name and password."""

    username = StringField(_l("用户名"))
    password = PasswordField(_l("密码"))


class SecondForm(FlaskForm):
    """After the password: the app's code, or a recovery code."""

    code = StringField(_l("身份验证器上的 6 位数字"))
    recovery = StringField(_l("恢复码"))


class ProveForm(FlaskForm):
    """The password once more."""

    password = PasswordField(_l("密码"))


class AppForm(FlaskForm):
    """The first code of an authenticator app that is being added."""

    code = StringField(_l("应用上显示的 6 位数字"))


class PasskeyForm(FlaskForm):
    """What a new passkey is called."""

    title = StringField(_l("给它起个名字"))

    def validate_title(self, field: StringField) -> None:
        """Anything that its owner recognises; a name of ours if none is given."""
        field.data = " ".join((field.data or "").split())[:40] or str(_l("通行密钥"))


class PasswordForm(FlaskForm):
    """A new password, twice; and the one before, where its owner has one."""

    old = PasswordField(_l("现在的密码"))
    new = PasswordField(_l("新密码"))
    again = PasswordField(_l("再输入一次新密码"))

    def validate_new(self, field: PasswordField) -> None:
        """Long rather than strange."""
        typed = field.data or ""
        if len(typed) < SHORTEST_PASSWORD:
            raise ValidationError(_l("密码至少 12 个字符。"))
        if len(set(typed)) < FEWEST_CHARACTERS:
            raise ValidationError(_l("密码里重复的字符太多，请换一个。"))
        if typed == self.old.data:
            raise ValidationError(_l("新密码不能与现在的一样。"))

    def validate_again(self, field: PasswordField) -> None:
        """A slip of the finger would lock its owner out."""
        if field.data != self.new.data:
            raise ValidationError(_l("两次输入的新密码不一样。"))


class UsernameForm(FlaskForm):
    """By what a clerk signs in."""

    username = StringField(_l("用户名"))

    def validate_username(self, field: StringField) -> None:
        """Letters and digits that can be typed on every keyboard."""
        field.data = (field.data or "").strip().lower()
        if not re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", field.data):
            raise ValidationError(_l("用户名要以字母开头，只用字母、数字、点和横线，2 至 40 个字符。"))


class CourtsField(SelectMultipleField):
    """Tick boxes, one for each court."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RightsForm(FlaskForm):
    """What a clerk is called, may do, and for which courts."""

    display_name = StringField(_l("姓名"))
    role = SelectField(_l("角色"), choices=options([("", _l("请选择")), *((role.value, ROLES[role]) for role in Role)]))
    courts = CourtsField(_l("所在法院"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.courts.choices = options((name, name) for name in settings().court_list)

    def validate_display_name(self, field: StringField) -> None:
        """It stands beside each decision."""
        field.data = " ".join((field.data or "").split())
        if not 1 <= len(field.data) <= 40:
            raise ValidationError(_l("请填写姓名，最多 40 个字。"))

    def validate_role(self, field: SelectField) -> None:
        """Nobody gets rights by leaving a field alone."""
        if not field.data:
            raise ValidationError(_l("请选择角色。"))

    def validate_courts(self, field: SelectMultipleField) -> None:
        """Without a court a clerk would see nothing."""
        if not field.data:
            raise ValidationError(_l("请至少选择一个法院。"))


class NewClerkForm(UsernameForm, RightsForm):
    """A new member of the staff."""
