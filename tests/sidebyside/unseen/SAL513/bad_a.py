import datetime as dt

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Course(Base):
    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    places: Mapped[int]
    enrolments: Mapped[list["Enrolment"]] = relationship(back_populates="course")


class Enrolment(Base):
    __tablename__ = "enrolments"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    student: Mapped[str] = mapped_column(String(80))
    enrolled_on: Mapped[dt.date]
    course: Mapped[Course] = relationship(back_populates="enrolments")


class CourseFull(Exception):
    pass


class Office:
    def __init__(self, session: Session):
        self.session = session

    def taken(self, course_id: int) -> int:
        stmt = select(Enrolment).where(Enrolment.course_id == course_id)
        enrolled = self.session.scalars(stmt).all()  # BAD
        return len(enrolled)  # BAD

    def enrol(self, course_id: int, student: str, day: dt.date) -> int:
        course = self.session.get_one(Course, course_id, with_for_update=True)
        if self.taken(course_id) >= course.places:
            raise CourseFull(course.title)
        enrolment = Enrolment(course_id=course_id, student=student, enrolled_on=day)
        self.session.add(enrolment)
        self.session.commit()
        return enrolment.id
