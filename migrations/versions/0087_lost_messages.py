"""An SMS that is lost is written down at once for the courts that it concerns, so that each finds its own by an index.

Revision ID: 0087
Revises: 0086
"""
import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

LOST = "('undelivered', 'refused')"
NAMED = (
    "SELECT d.id, p.case_id FROM sms_delivery d JOIN identity i ON i.account_id = d.account_id"
    " JOIN case_payee p ON p.{column} = i.match_hash WHERE {which}"
)
CONCERNS = (
    "INSERT INTO lost_sms (delivery_id, place, created_at) SELECT d.id, places.place, d.created_at FROM sms_delivery d JOIN ("
    "SELECT d.id AS id, d.case_id AS place FROM sms_delivery d WHERE d.case_id IS NOT NULL AND {which}"
    f" UNION {NAMED.replace('{column}', 'number_hash')} UNION {NAMED.replace('{column}', 'other_hash')}"
    " UNION SELECT d.id, s.court FROM sms_delivery d JOIN verification v ON v.account_id = d.account_id"
    " JOIN step_record s ON s.verification_id = v.id AND s.step = 'court_review' AND s.court IS NOT NULL WHERE {which}"
    ") AS places ON places.id = d.id"
)
NOBODYS = (
    "INSERT INTO lost_sms (delivery_id, place, created_at)"
    " SELECT d.id, CASE WHEN d.account_id IS NULL THEN 'nobody' ELSE 'later' END, d.created_at FROM sms_delivery d"
    " WHERE {which} AND NOT EXISTS (SELECT 1 FROM lost_sms l WHERE l.delivery_id = d.id)"
)
# name: (condition, statements); a receipt that comes late may say that a message arrived after all
TRIGGERS = {
    "sms_lost": (
        f"NEW.state IN {LOST} AND OLD.state NOT IN {LOST}",
        [statement.format(which="d.id = NEW.id") for statement in (CONCERNS, NOBODYS)],
    ),
    "sms_arrived": (
        f"OLD.state IN {LOST} AND NEW.state NOT IN {LOST}", ["DELETE FROM lost_sms WHERE delivery_id = NEW.id"]
    ),
}


def upgrade():
    op.create_table(
        "lost_sms",
        sa.Column("delivery_id", sa.String(length=22), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["sms_delivery.id"], name=op.f("fk_lost_sms_delivery_id_sms_delivery")),
        sa.PrimaryKeyConstraint("delivery_id", "place", name=op.f("pk_lost_sms")),
    )
    op.create_index("ix_lost_sms_place_created_at", "lost_sms", ["place", "created_at"])
    for statement in (CONCERNS, NOBODYS):
        op.execute(statement.format(which=f"d.state IN {LOST}"))
    for name, (condition, statements) in TRIGGERS.items():
        make_trigger(name, condition, "; ".join(statements))


def make_trigger(name, condition, statements):
    when = f"AFTER UPDATE OF state ON sms_delivery FOR EACH ROW WHEN ({condition})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statements}; RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")
    else:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {statements}; END")


def downgrade():
    for name in TRIGGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON sms_delivery")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_index("ix_lost_sms_place_created_at", table_name="lost_sms")
    op.drop_table("lost_sms")
