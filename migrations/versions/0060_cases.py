"""Cases that open and close, registers imported in the page, people of a case with their stage, an index of names.

Revision ID: 0060
Revises: 0011
"""
from alembic import op
import sqlalchemy as sa


revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

STAGE = """(SELECT CASE
  WHEN SUM(CASE WHEN state = 'accepted' THEN 1 ELSE 0 END) > 0 THEN 'accepted'
  WHEN SUM(CASE WHEN state = 'signed' THEN 1 ELSE 0 END) > 0 THEN 'signed'
  WHEN MAX(version) = MAX(CASE WHEN state = 'returned' THEN version ELSE 0 END) THEN 'returned'
  ELSE 'submitted' END FROM submission WHERE case_payee_id = NEW.case_payee_id)"""
PROVED = (
    "UPDATE case_payee SET stage = 'verified' WHERE stage = 'none'"
    " AND (number_hash = NEW.match_hash OR other_hash = NEW.match_hash)"
)
GONE = (
    "UPDATE case_payee SET stage = 'none' WHERE stage = 'verified'"
    " AND (number_hash = NEW.match_hash OR other_hash = NEW.match_hash)"
    " AND NOT EXISTS (SELECT 1 FROM identity WHERE superseded_at IS NULL"
    " AND (match_hash = case_payee.number_hash OR match_hash = case_payee.other_hash))"
)
HANDED_IN = f"UPDATE case_payee SET stage = {STAGE} WHERE id = NEW.case_payee_id AND stage <> {STAGE}"
# name: (table, event, condition, statement)
TRIGGERS = {
    "stage_proved": ("identity", "INSERT", "NEW.superseded_at IS NULL", PROVED),
    "stage_gone": ("identity", "UPDATE", "NEW.superseded_at IS NOT NULL AND OLD.superseded_at IS NULL", GONE),
    "stage_handed_in": ("submission", "INSERT", "", HANDED_IN),
    "stage_decided": ("submission", "UPDATE", "NEW.state <> OLD.state", HANDED_IN),
}


def make_triggers():
    """A person's stage follows from identities and submissions, whoever writes them."""
    for name, (table, event, condition, statement) in TRIGGERS.items():
        when = f" WHEN ({condition})" if condition else ""
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement}; RETURN NULL; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{when} BEGIN {statement}; END")


def drop_triggers():
    for name, (table, *_) in TRIGGERS.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")


CASE_COLUMNS = (
    sa.Column("closed_why", sa.String(length=300), nullable=False, server_default=""),
    sa.Column("collects_from", MOMENT, nullable=True),
    sa.Column("collects_until", MOMENT, nullable=True),
    sa.Column("people", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("stamp", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("columns", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("texts", sa.JSON(), nullable=False, server_default="{}"),
)
IMPORT_COLUMNS = (
    sa.Column("state", sa.String(length=10), nullable=False, server_default="applied"),
    sa.Column("chunks", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("size", BIG, nullable=False, server_default="0"),
    sa.Column("done", BIG, nullable=False, server_default="0"),
    sa.Column("run", sa.String(length=22), nullable=False, server_default=""),
    sa.Column("stamp", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("faults", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("control", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("head", sa.LargeBinary(), nullable=True),
    sa.Column("applied_at", MOMENT, nullable=True),
)
PAYEE_COLUMNS = (
    sa.Column("name_hash", sa.LargeBinary(length=8), nullable=True),
    sa.Column("phone", sa.LargeBinary(), nullable=True),
    sa.Column("moved", BIG, nullable=False, server_default="0"),
    sa.Column("stage", sa.String(length=10), nullable=False, server_default="none"),
    sa.Column("company", sa.LargeBinary(), nullable=True),
    sa.Column("note", sa.LargeBinary(), nullable=True),
    sa.Column("reminded_at", MOMENT, nullable=True),
)


def add_reference(table, column, kind, other):
    """A column that names a row of another table. SQLite would have to copy the table to add the constraint by itself."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {other} (id)")


def upgrade():
    for column in CASE_COLUMNS:
        op.add_column("court_case", column)
    op.create_index(op.f("ix_court_case_court"), "court_case", ["court"])
    for column in IMPORT_COLUMNS:
        op.add_column("register_import", column)
    add_reference("register_import", "made_by", "VARCHAR(22)", "clerk")
    op.execute("UPDATE register_import SET applied_at = imported_at")
    op.create_index(
        "ix_register_import_pending",
        "register_import",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('reading', 'asks', 'ready')"),
        sqlite_where=sa.text("state IN ('reading', 'asks', 'ready')"),
    )
    op.drop_index("ix_case_payee_case_id_number_hash", table_name="case_payee")
    op.drop_index("ix_case_payee_number_hash", table_name="case_payee")
    op.drop_index("ix_case_payee_other_hash", table_name="case_payee")
    for column in PAYEE_COLUMNS:
        op.add_column("case_payee", column)
    add_reference("case_payee", "merged_into_id", "BIGINT", "case_payee")
    op.create_index("ix_case_payee_number_hash_case_id", "case_payee", ["number_hash", "case_id"], unique=True)
    op.create_index("ix_case_payee_case_id_id", "case_payee", ["case_id", "id"])
    op.create_index("ix_case_payee_case_id_stage_id", "case_payee", ["case_id", "stage", "id"])
    for name, column in (("other_hash", "other_hash"), ("merged_into_id", "merged_into_id")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_case_payee_{name}", "case_payee", [column], postgresql_where=there, sqlite_where=there
        )
    op.create_table(
        "register_change",
        sa.Column("import_id", sa.String(length=22), nullable=False),
        sa.Column("payee_id", BIG, autoincrement=False, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("name_hash", sa.LargeBinary(length=8), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["register_import.id"], name=op.f("fk_register_change_import_id")),
        sa.PrimaryKeyConstraint("import_id", "payee_id", name=op.f("pk_register_change")),
    )
    op.create_table(
        "register_fault",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("import_id", sa.String(length=22), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("hint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["register_import.id"], name=op.f("fk_register_fault_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_fault")),
    )
    op.create_index(op.f("ix_register_fault_import_id"), "register_fault", ["import_id"])
    op.create_table(
        "name_posting",
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("token", sa.LargeBinary(length=8), nullable=False),
        sa.Column("segment", sa.String(length=22), nullable=False),
        sa.Column("first", BIG, nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["court_case.id"], name=op.f("fk_name_posting_case_id")),
        sa.PrimaryKeyConstraint("case_id", "token", "segment", name=op.f("pk_name_posting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payee_transfer",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_id", BIG, nullable=False),
        sa.Column("to_id", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_by", sa.String(length=22), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["case_payee.id"], name=op.f("fk_payee_transfer_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["case_payee.id"], name=op.f("fk_payee_transfer_to_id")),
        sa.ForeignKeyConstraint(["made_by"], ["clerk.id"], name=op.f("fk_payee_transfer_made_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["clerk.id"], name=op.f("fk_payee_transfer_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_transfer")),
    )
    op.create_index(op.f("ix_payee_transfer_from_id"), "payee_transfer", ["from_id"])
    op.create_index(op.f("ix_payee_transfer_to_id"), "payee_transfer", ["to_id"])
    op.create_table(
        "payee_paper",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("payee_id", BIG, nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("object_key", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(length=22), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["case_payee.id"], name=op.f("fk_payee_paper_payee_id")),
        sa.ForeignKeyConstraint(["added_by"], ["clerk.id"], name=op.f("fk_payee_paper_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_paper")),
        sa.UniqueConstraint("object_key", name=op.f("uq_payee_paper_object_key")),
    )
    op.create_index(op.f("ix_payee_paper_payee_id"), "payee_paper", ["payee_id"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("after", BIG, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["court_case.id"], name=op.f("fk_reminder_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["clerk.id"], name=op.f("fk_reminder_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_case_id"), "reminder", ["case_id"])
    op.create_table(
        "counter_visit",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("payee_id", BIG, nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["payee_id"], ["case_payee.id"], name=op.f("fk_counter_visit_payee_id")),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_counter_visit_clerk_id")),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_counter_visit_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_visit")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_counter_visit_code_hash")),
    )
    op.create_index(op.f("ix_counter_visit_payee_id"), "counter_visit", ["payee_id"])
    op.execute("UPDATE court_case SET people = (SELECT count(*) FROM case_payee WHERE case_id = court_case.id)")
    op.execute(
        "UPDATE case_payee SET stage = 'verified' WHERE EXISTS (SELECT 1 FROM identity WHERE superseded_at IS NULL"
        " AND (match_hash = case_payee.number_hash OR match_hash = case_payee.other_hash))"
    )
    stage = STAGE.replace("NEW.case_payee_id", "case_payee.id")
    op.execute(
        f"UPDATE case_payee SET stage = {stage} WHERE id IN (SELECT case_payee_id FROM submission)"
    )
    make_triggers()


def downgrade():
    drop_triggers()
    for table in ("counter_visit", "reminder", "payee_paper", "payee_transfer", "name_posting", "register_fault", "register_change"):
        op.drop_table(table)
    for name in ("number_hash_case_id", "case_id_id", "case_id_stage_id", "other_hash", "merged_into_id"):
        op.drop_index(f"ix_case_payee_{name}", table_name="case_payee")
    for name in [*(column.name for column in PAYEE_COLUMNS), "merged_into_id"]:
        op.drop_column("case_payee", name)
    op.create_index("ix_case_payee_case_id_number_hash", "case_payee", ["case_id", "number_hash"], unique=True)
    op.create_index(op.f("ix_case_payee_number_hash"), "case_payee", ["number_hash"])
    op.create_index(op.f("ix_case_payee_other_hash"), "case_payee", ["other_hash"])
    op.drop_index("ix_register_import_pending", table_name="register_import")
    for name in [*(column.name for column in IMPORT_COLUMNS), "made_by"]:
        op.drop_column("register_import", name)
    op.drop_index(op.f("ix_court_case_court"), table_name="court_case")
    for column in CASE_COLUMNS:
        op.drop_column("court_case", column.name)
