"""An SMS that is lost is written down for a case by a register in force alone, not by one that nobody has confirmed.

Revision ID: 0096
Revises: 0095
"""
from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

LOST = "('undelivered', 'refused')"
IN_FORCE = (
    " AND (p.import_id IS NULL OR EXISTS (SELECT 1 FROM register_import r WHERE r.id = p.import_id AND r.applied_at IS NOT NULL))"
)
NOBODYS = (
    "INSERT INTO lost_sms (delivery_id, place, created_at)"
    " SELECT d.id, CASE WHEN d.account_id IS NULL THEN 'nobody' ELSE 'later' END, d.created_at FROM sms_delivery d"
    " WHERE d.id = NEW.id AND NOT EXISTS (SELECT 1 FROM lost_sms l WHERE l.delivery_id = d.id)"
)


def upgrade():
    replace_trigger(IN_FORCE)


def downgrade():
    replace_trigger("")


def replace_trigger(only):
    """The trigger of 0087, its cases narrowed by `only`."""
    named = " UNION ".join(
        "SELECT d.id, p.case_id FROM sms_delivery d JOIN identity i ON i.account_id = d.account_id"
        f" JOIN case_payee p ON p.{column} = i.match_hash WHERE d.id = NEW.id{only}"
        for column in ("number_hash", "other_hash")
    )
    concerns = (
        "INSERT INTO lost_sms (delivery_id, place, created_at) SELECT d.id, places.place, d.created_at FROM sms_delivery d JOIN ("
        "SELECT d.id AS id, d.case_id AS place FROM sms_delivery d WHERE d.case_id IS NOT NULL AND d.id = NEW.id"
        f" UNION {named}"
        " UNION SELECT d.id, s.court FROM sms_delivery d JOIN verification v ON v.account_id = d.account_id"
        " JOIN step_record s ON s.verification_id = v.id AND s.step = 'court_review' AND s.court IS NOT NULL WHERE d.id = NEW.id"
        ") AS places ON places.id = d.id"
    )
    when = f"AFTER UPDATE OF state ON sms_delivery FOR EACH ROW WHEN (NEW.state IN {LOST} AND OLD.state NOT IN {LOST})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION sms_lost() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {concerns}; {NOBODYS}; RETURN NULL; END $$"
        )
    else:
        op.execute("DROP TRIGGER sms_lost")
        op.execute(f"CREATE TRIGGER sms_lost {when} BEGIN {concerns}; {NOBODYS}; END")
