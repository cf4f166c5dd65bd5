from sqlalchemy import Column, Date, ForeignKey, Integer, String, create_engine
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import declarative_base, relationship, sessionmaker

Base = declarative_base()
engine = create_engine("oracle+oracledb://localhost/payroll")
Session = sessionmaker(engine, future=True)


class TimestampMixin:
    created = Column(Date)

    def describe(self):
        return f"{type(self).__name__} {self.id}"


class Department(TimestampMixin, Base):
    __tablename__ = "departments"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    people = relationship("Person", back_populates="department", cascade="all, delete-orphan")
    names = association_proxy("people", "name")

    @property
    def size(self):
        return len(self.people)


class Person(TimestampMixin, Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    kind = Column(String(20))
    name = Column(String(40))
    department_id = Column(ForeignKey("departments.id"))
    department = relationship(Department, back_populates="people")
    payments = relationship("Payment", back_populates="person", order_by="Payment.id")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "person"}

    @hybrid_property
    def paid(self):
        return sum(payment.amount for payment in self.payments)

    @hybrid_method
    def is_called(self, name):
        return self.name == name


class Engineer(Person):
    __tablename__ = "engineers"
    id = Column(ForeignKey("people.id"), primary_key=True)
    language = Column(String(20))
    machines = relationship("Machine", back_populates="owner")
    __mapper_args__ = {"polymorphic_identity": "engineer"}


class Manager(Person):
    grade = Column(Integer)
    __mapper_args__ = {"polymorphic_identity": "manager"}


class Machine(Base):
    __tablename__ = "machines"
    id = Column(Integer, primary_key=True)
    host = Column(String(20))
    owner_id = Column(ForeignKey("engineers.id"))
    owner = relationship(Engineer, back_populates="machines")


class Payment(Base):
    __tablename__ = "payments"
    id = Column(Integer, primary_key=True)
    amount = Column(Integer)
    person_id = Column(ForeignKey("people.id"))
    person = relationship(Person, back_populates="payments", lazy="joined", innerjoin=True)
