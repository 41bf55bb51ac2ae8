"""Looking somebody up: by what must stand in no address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError


class PersonForm(FlaskForm):
    """A document number, a name, or both."""

    number = StringField(_l("证件号码"))
    name = StringField(_l("姓名"))

    def validate_number(self, field: StringField) -> None:
        """One of the two is needed."""
        field.data = "".join((field.data or "").split())
        if not field.data and not (self.name.data or "").strip():
            raise ValidationError(_l("请填写证件号码或姓名。"))

    def validate_name(self, field: StringField) -> None:
        """As proved; dots, spaces and case don't matter."""
        field.data = " ".join((field.data or "").split())
