"""What the phone asks for, by kind of photo: its words and the shape of its frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.evidence.models import PhotoKind


@dataclass(frozen=True, slots=True)
class Slot:
    """A picture that a phone may be asked for. `shape` is a frame of ui/capture.html."""

    label: Any
    shape: str
    drawing: str = ""
    """What the empty place shows, if not the shape."""


SLOTS: Mapping[PhotoKind, Slot] = {
    PhotoKind.BANK_CARD: Slot(_l("银行卡照片"), "card"),
    PhotoKind.RESIDENT_FRONT: Slot(_l("证件正面"), "document"),
    PhotoKind.RESIDENT_BACK: Slot(_l("证件背面"), "document", "back"),
    PhotoKind.PERMIT_FRONT: Slot(_l("证件正面"), "document"),
    PhotoKind.PERMIT_BACK: Slot(_l("证件背面"), "document", "back"),
    PhotoKind.DATA_PAGE: Slot(_l("护照资料页"), "page"),
}
