<% def without_comments(code): return "\n".join(line for line in code.splitlines() if "###" not in line).strip() or "pass" %>\
"""${message[0].upper() + message[1:]}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${without_comments(upgrades)}


def downgrade() -> None:
    ${without_comments(downgrades)}
