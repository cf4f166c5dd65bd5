from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from campus import schemas
from campus.models import Course, Seat, Student, Teacher, new_session


class Filled(NamedTuple):
    course: Course
    taken: int


def courses() -> list[dict[str, Any]]:
    with new_session() as session:
        found = session.scalars(select(Course).order_by(Course.id)).all()
        return schemas.courses_schema.dump(found)


def courses_loaded() -> list[dict[str, Any]]:
    with new_session() as session:
        statement = select(Course).options(joinedload(Course.teacher))
        return schemas.courses_schema.dump(session.scalars(statement).all())


def course_rows() -> list[dict[str, Any]]:
    with new_session() as session:
        return schemas.CourseRowSchema(many=True).dump(session.scalars(select(Course)).all())


def course(key: int) -> dict[str, Any]:
    with new_session() as session:
        found = session.get(Course, key)
    return schemas.course_schema.dump(found)


def full(key: int) -> dict[str, Any]:
    with new_session() as session:
        statement = select(Course).where(Course.id == key).options(selectinload(Course.seats))
        return schemas.FullCourseSchema().dump(session.scalars(statement).one())


def students(session: Session) -> list[dict[str, Any]]:
    schema = schemas.StudentSchema()
    return [schema.dump(one) for one in session.scalars(select(Student))]


def teachers(session: Session) -> list[dict[str, Any]]:
    found = session.scalars(select(Teacher)).all()
    return schemas.TeacherCoursesSchema(many=True).dump(found)


def filled(session: Session) -> list[Filled]:
    statement = select(Course, func.count(Seat.id)).join(Seat).group_by(Course.id)
    return [Filled(course, taken) for course, taken in session.execute(statement)]


def report(session: Session) -> list[str]:
    return [f"{one.course.title} by {one.course.teacher.name}: {one.taken}" for one in filled(session)]


def titles(session: Session) -> list[str]:
    return [f"{one.course.title}: {one.taken}" for one in filled(session)]


def one_dumped(course: Course) -> dict[str, Any]:
    return schemas.CourseSchema().dump(course)


def dumped(session: Session) -> list[dict[str, Any]]:
    return [one_dumped(course) for course in session.scalars(select(Course))]
