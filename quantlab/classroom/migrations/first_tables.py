"""The first tables: classes, questions, students, receipts, answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "classes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("question", sa.String(200)),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.UniqueConstraint("code", name="uq_classes_code"),
    )
    op.create_index("ix_classes_expires_at", "classes", ["expires_at"])
    op.create_table(
        "questions",
        sa.Column("class_id", sa.Integer, sa.ForeignKey("classes.id", name="fk_questions_class", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("offered_at", sa.Double, nullable=False),
        sa.CheckConstraint("phase IN ('open', 'frozen', 'revealed') AND round IN (1, 2)", name="ck_questions_stand"),
    )
    op.create_table(
        "students",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("class_id", sa.Integer, sa.ForeignKey("classes.id", name="fk_students_class", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("nickname", sa.String(30), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("join_hash", sa.String(64)),
        sa.Column("joined_at", sa.Double, nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_students_token_hash"),
        sa.UniqueConstraint("class_id", "number", name="uq_students_number"),
        sa.UniqueConstraint("class_id", "join_hash", name="uq_students_join_hash"),
    )
    op.create_table(
        "receipts",
        sa.Column("student_id", sa.Integer, sa.ForeignKey("students.id", name="fk_receipts_student", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
    )
    op.create_table(
        "answers",
        sa.Column("class_id", sa.Integer, primary_key=True),
        sa.Column("question", sa.String(200), primary_key=True),
        sa.Column("round", sa.SmallInteger, primary_key=True),
        sa.Column("student_id", sa.Integer, sa.ForeignKey("students.id", name="fk_answers_student", ondelete="CASCADE"), primary_key=True),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("mistake", sa.String(80)),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id", "question"], ["questions.class_id", "questions.key"], name="fk_answers_question", ondelete="CASCADE"
        ),
    )
