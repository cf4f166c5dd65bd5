from sqlalchemy import ForeignKey, case, exists, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Pupil(Base):
    __tablename__ = "pupils"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Exam(Base):
    __tablename__ = "exams"
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    score: Mapped[int]


def results(session: Session, needed: int = 50) -> dict[int, bool]:
    rows = session.execute(select(Exam.pupil_id, (Exam.score >= needed).label("passed"))).all()
    return {row.pupil_id: row.passed for row in rows}


def is_known(session: Session, name: str) -> bool:
    return bool(session.scalar(select(exists().where(Pupil.name == name))))


def grades(session: Session):
    grade = case((Exam.score > 80, "A"), (Exam.score > 50, "B"), else_="C")
    return session.execute(select(Pupil.name, grade).join(Exam, Exam.pupil_id == Pupil.id)).all()


def pass_rate(session: Session, needed: int = 50) -> list[tuple[bool, int]]:
    passed = Exam.score >= needed
    return [tuple(row) for row in session.query(passed, func.count(Exam.id)).group_by(passed)]
