from marshmallow import Schema, fields
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from campus.models import Course, Student


class TeacherSchema(Schema):
    id = fields.Integer()
    name = fields.String()


class CourseSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Course

    teacher = fields.Nested(TeacherSchema)


class CourseRowSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Course


class SeatSchema(Schema):
    id = fields.Integer()
    student_name = fields.String(attribute="student.name")


class FullCourseSchema(Schema):
    title = fields.String()
    seats = fields.Nested(SeatSchema, many=True)


class StudentSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Student
        include_relationships = True


class TeacherCoursesSchema(Schema):
    name = fields.String()
    courses = fields.Pluck(CourseRowSchema, "title", many=True)
    count = fields.Function(lambda teacher: teacher.id)


course_schema = CourseSchema()
courses_schema = CourseSchema(many=True)
