"""Alembic's way into the application: its own engine, its own models, types written as plain SQL types."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app

extension = current_app.extensions["migrate"]
engine = extension.db.engine


def plain_type(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """A migration must not change when a class of ours does: our column types are written as what they store."""
    if kind == "type" and type(value).__module__.startswith("webapp."):
        return "sa.LargeBinary()" if "Sealed" in type(value).__name__ else "sa.DateTime(timezone=True)"
    return False


with engine.connect() as connection:
    arguments = {"render_item": plain_type, **extension.configure_args}
    context.configure(connection=connection, target_metadata=extension.db.metadatas[None], **arguments)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
