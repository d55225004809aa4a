"""What the Hub said of repositories, look by look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "hub_state",
        sa.Column("repository", ORDERED, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("commit_id", ORDERED, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "sequence"),
    )


def downgrade() -> None:
    op.drop_table("hub_state")
