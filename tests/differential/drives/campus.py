from campus import api
from campus.models import Base, Course, Seat, Student, Teacher, engine, new_session

BASE = Base
VERSIONS = ("2.0-web",)
ENGINES = (engine,)


def fill(session):
    students = [Student(name=f"s{i}") for i in range(3)]
    for i in range(3):
        course = Course(title=f"c{i}", teacher=Teacher(name=f"t{i}"))
        for student in students:
            session.add(Seat(course=course, student=student))


def within(function):
    def step():
        with new_session() as session:
            function(session)

    return step


STEPS = [
    api.courses,
    api.courses_loaded,
    api.course_rows,
    lambda: api.course(1),
    lambda: api.full(1),
    within(api.students),
    within(api.teachers),
    within(api.report),
    within(api.titles),
    within(api.dumped),
]
