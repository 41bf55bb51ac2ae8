"""Photos and videos: sealed in the object store, described here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import SealedJson


class PhotoKind(StrEnum):
    """What a picture is said to show."""

    FACE = "face"
    FACE_VIDEO = "face_video"
    RESIDENT_FRONT = "resident_front"
    RESIDENT_BACK = "resident_back"
    PERMIT_FRONT = "permit_front"
    PERMIT_BACK = "permit_back"
    DATA_PAGE = "data_page"
    BANK_CARD = "bank_card"


class Photo(Base):
    """One file. `reading` is what a machine saw in it: None until the worker has looked.

    A photo is sent as soon as it is taken: until a form takes it in, it is a draft, kept until `draft_until`. A further
    look at the same card, taken within the same second, names the first in `frame_of`, and stays a draft. `upload_key` is
    made by the page, so that a photo which is sent again after a lost network is the same photo.
    """

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_account_id_upload_key", "account_id", "upload_key", unique=True),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    object_key: Mapped[str] = mapped_column(String(80), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    reading: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("photo.reading"))
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    draft_until: Mapped[datetime | None] = mapped_column(Moment, index=True)
    frame_of: Mapped[str | None] = mapped_column(String(22), index=True)
    upload_key: Mapped[str | None] = mapped_column(String(22))
