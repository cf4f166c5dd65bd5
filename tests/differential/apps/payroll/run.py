from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload, selectin_polymorphic, selectinload

from payroll.model import Department, Engineer, Machine, Manager, Payment, Person, Session


def sizes():
    with Session() as session:
        return {d.name: d.size for d in session.execute(select(Department)).scalars()}


def sizes_loaded():
    with Session() as session:
        stmt = select(Department).options(selectinload(Department.people))
        return {d.name: d.size for d in session.execute(stmt).scalars()}


def name_lists():
    with Session() as session:
        return {d.name: list(d.names) for d in session.scalars(select(Department))}


def descriptions():
    with Session() as session:
        return [person.describe() for person in session.scalars(select(Person))]


def wages():
    with Session() as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()
        return [(person.name, person.paid) for person in people]


def wages_loaded():
    with Session() as session:
        people = session.scalars(select(Person).options(selectinload(Person.payments))).all()
    return [(person.name, person.paid) for person in people]


def paid_people():
    with Session() as session:
        payments = session.scalars(select(Payment)).all()
    return [payment.person.name for payment in payments]


def paid_departments():
    with Session() as session:
        payments = session.scalars(select(Payment)).all()
        return {payment.person.department.name for payment in payments}


def paid_departments_loaded():
    with Session() as session:
        stmt = select(Payment).options(joinedload(Payment.person).joinedload(Person.department))
        payments = session.scalars(stmt).all()
    return {payment.person.department.name for payment in payments}


def hosts():
    with Session() as session:
        found = []
        for engineer in session.scalars(select(Engineer)):
            found += [machine.host for machine in engineer.machines]
        return found


def hosts_loaded():
    with Session() as session:
        engineers = session.scalars(select(Engineer).options(selectinload(Engineer.machines)))
        return [machine.host for engineer in engineers for machine in engineer.machines]


def languages():
    with Session() as session:
        engineers = session.scalars(select(Engineer)).all()
    return [engineer.language for engineer in engineers]


def languages_of_owners():
    with Session() as session:
        machines = session.scalars(select(Machine).options(joinedload(Machine.owner))).all()
        return [machine.owner.language for machine in machines]


def named(name):
    with Session() as session:
        people = session.scalars(select(Person)).all()
    return [person.id for person in people if person.is_called(name)]


def bosses():
    boss = aliased(Manager)
    with Session() as session:
        rows = session.execute(select(boss, Department).join(Department)).all()
    return [(manager.name, department.name) for manager, department in rows]


def boss_departments():
    with Session() as session:
        managers = session.scalars(select(Manager)).all()
    return [manager.department.name for manager in managers]


def pay_everybody(amount):
    with Session() as session:
        for person in session.scalars(select(Person)).all():
            person.payments.append(Payment(amount=amount))
        session.commit()


def pay_everybody_by_key(amount):
    with Session() as session:
        people = session.scalars(select(Person)).all()
        session.add_all([Payment(amount=amount, person_id=person.id) for person in people])
        session.commit()


def engineers_and_languages():
    with Session() as session:
        stmt = select(Person).options(selectin_polymorphic(Person, [Engineer, Manager]))
        people = session.scalars(stmt).all()
        return [p.language for p in people if isinstance(p, Engineer)]
