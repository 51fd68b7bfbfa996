"""The tables of classes, as SQLAlchemy knows them; `migrations` makes them and changes them.

Secrets and tokens are stored as SHA-256 alone. Times are seconds since 1970, UTC. Whatever belongs to a class goes with it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

CLASSES = Table(
    "classes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("mode", String(8), nullable=False),
    Column("question", String(200)),  # the one that is posed now
    Column("version", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    UniqueConstraint("code", name="uq_classes_code"),
    Index("ix_classes_expires_at", "expires_at"),
)

QUESTIONS = Table(
    "questions",
    METADATA,
    Column("class_id", Integer, ForeignKey("classes.id", name="fk_questions_class", ondelete="CASCADE"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("description", Text, nullable=False),
    Column("phase", String(8), nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("offered_at", Double, nullable=False),
    CheckConstraint("phase IN ('open', 'frozen', 'revealed') AND round IN (1, 2)", name="ck_questions_stand"),
)

STUDENTS = Table(
    "students",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("class_id", Integer, ForeignKey("classes.id", name="fk_students_class", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),  # within the class, from 1
    Column("nickname", String(30), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("join_hash", String(64)),  # of the browser's key: a join that is sent again is the same student
    Column("joined_at", Double, nullable=False),
    UniqueConstraint("token_hash", name="uq_students_token_hash"),
    UniqueConstraint("class_id", "number", name="uq_students_number"),
    UniqueConstraint("class_id", "join_hash", name="uq_students_join_hash"),
)

RECEIPTS = Table(  # the key of every answer that was acknowledged, also of those that a later one replaced
    "receipts",
    METADATA,
    Column("student_id", Integer, ForeignKey("students.id", name="fk_receipts_student", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("class_id", Integer, primary_key=True),
    Column("question", String(200), primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("student_id", Integer, ForeignKey("students.id", name="fk_answers_student", ondelete="CASCADE"), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("score", Double),  # None until it is graded
    Column("mistake", String(80)),
    Column("made", BigInteger, nullable=False),
    Column("received_at", Double, nullable=False),
    ForeignKeyConstraint(["class_id", "question"], ["questions.class_id", "questions.key"], name="fk_answers_question", ondelete="CASCADE"),
)
