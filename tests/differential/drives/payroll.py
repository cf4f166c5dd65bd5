from payroll import run
from payroll.model import Base, Department, Engineer, Machine, Manager, Payment, Person

BASE = Base
VERSIONS = ("1.4", "2.0", "2.1")


def fill(session):
    for i in range(3):
        department = Department(name=f"d{i}")
        engineer = Engineer(name=f"e{i}", language="py", department=department)
        engineer.machines = [Machine(host="h")]
        engineer.payments = [Payment(amount=1), Payment(amount=2)]
        manager = Manager(name=f"m{i}", grade=i, department=department)
        session.add_all([department, manager, Payment(amount=3, person=manager)])


STEPS = [
    run.sizes,
    run.sizes_loaded,
    run.name_lists,
    run.descriptions,
    run.wages,
    run.wages_loaded,
    run.paid_people,
    run.paid_departments,
    run.paid_departments_loaded,
    run.hosts,
    run.hosts_loaded,
    run.languages,
    run.languages_of_owners,
    lambda: run.named("e1"),
    run.bosses,
    run.boss_departments,
    lambda: run.pay_everybody(1),
    lambda: run.pay_everybody_by_key(1),
    run.engineers_and_languages,
]
