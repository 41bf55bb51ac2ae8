"""Contradictions told when a form is handed in: what was typed, and what was surely read, which says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import StringField


class SecondLook:
    """What a form needs to come back once where something that was surely read contradicts what was typed.

    The payee takes what was read, or says that what was typed is right: then `meant_<field>` holds what was read. `differing`
    is what is asked about now, by field. What contradicts is the form's own business (`read_otherwise`); unsure is silent.
    """

    differing: dict[str, str]

    def read_otherwise(self) -> Mapping[str, str]:
        """What was surely read and isn't what stands in the form, by the names of its fields."""
        raise NotImplementedError

    def ask_once(self, field: StringField) -> str:
        """What was read and hasn't been answered for yet; empty where there is nothing to ask, or nothing was typed."""
        read = self.read_otherwise().get(field.name, "")
        if not read or getattr(self, f"meant_{field.name}").data == read:
            return ""
        self.differing[field.name] = read
        return read if field.data else ""

    def take(self, name: str) -> bool:
        """Puts what was read in the place of what was typed; False where there is nothing to take."""
        read = self.read_otherwise().get(name)
        if read:
            getattr(self, name).data = read
        return bool(read)
