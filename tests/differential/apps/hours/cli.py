import argparse
import csv
import io
import sys
from contextlib import contextmanager
from operator import attrgetter

from sqlalchemy import func

from hours import queries
from hours.schema import Client, Entry, Project, Session, Worker


@contextmanager
def session_scope():
    session = Session()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


def cmd_projects(args):
    with session_scope() as session:
        projects = queries.active_projects(session)
    for project in projects:
        print(project.code)


def cmd_labels(args):
    with session_scope() as session:
        for project in sorted(queries.active_projects(session), key=lambda p: p.label()):
            print(project.label())


def cmd_sorted(args):
    with session_scope() as session:
        projects = queries.active_projects(session)
        projects.sort(key=attrgetter("client.name"))
        for project in projects:
            print(project.code)


def cmd_hours(args):
    with session_scope() as session:
        table = queries.projects_by_code(session)
        for code in sorted(table):
            print(code, table[code].hours())


def cmd_clients(args):
    with session_scope() as session:
        table = queries.projects_with_client(session)
        for code, project in table.items():
            print(code, project.client.name)


def cmd_bills(args):
    session = Session()
    try:
        for bill in queries.bills(session):
            print(bill.client.name, bill.amount, len(bill.projects))
    finally:
        session.close()


def cmd_bills_loaded(args):
    with session_scope() as session:
        found = queries.bills_loaded(session)
        print(max(found, key=lambda bill: bill.amount).client.name)


def cmd_bills_late(args):
    with Session() as session:
        found = queries.bills_loaded(session)
    for bill in found:
        print(bill.client.name, [p.code for p in bill.projects])


def cmd_loads(args):
    with session_scope() as session:
        for worker, hours in queries.loads(session):
            print(worker.login, hours)


def cmd_totals(args):
    with session_scope() as session:
        table = queries.totals(session)
    writer = csv.writer(io.StringIO())
    for login, row in table.items():
        for code, hours in row.items():
            writer.writerow([login, code, hours])


def cmd_summary(args):
    with session_scope() as session:
        rows = [queries.summary(p) for p in session.query(Project).all()]
    for row in rows:
        print(row["code"], row["client"], row["hours"])


def cmd_busy(args):
    with session_scope() as session:
        clients = session.query(Client).all()
        busy = [c for c in clients if any(p.active for p in c.projects)]
        print(len(busy))


def cmd_bill(args):
    with session_scope() as session:
        for entry in queries.open_entries(session):
            entry.billed = True
        session.flush()
        print(session.query(func.count(Entry.id)).filter_by(billed=False).scalar())


def cmd_import(args):
    rows = [line.split(",") for line in args.lines]
    with session_scope() as session:
        projects = queries.projects_by_code(session)
        for login, code, hours in rows:
            worker = queries.get_worker(session, login)
            if worker is None:
                worker = Worker(login=login)
                session.add(worker)
            session.add(Entry(worker=worker, project=projects[code], hours=float(hours)))


def cmd_move(args):
    with session_scope() as session:
        for login in args.lines:
            worker = queries.get_worker(session, login)
            for entry in worker.entries:
                entry.hours = entry.hours * 2


def cmd_last(args):
    session = Session()
    project = session.query(Project).order_by(Project.id.desc()).first()
    session.close()
    print(project.code, project.rate)


def cmd_last_client(args):
    session = Session()
    project = session.query(Project).order_by(Project.id.desc()).first()
    session.close()
    print(project.code, project.client.name)


def cmd_add(args):
    with session_scope() as session:
        project = Project(code=args.lines[0], client=session.query(Client).first())
        session.add(project)
    print("added", project.code)


def cmd_per_worker(args):
    with session_scope() as session:
        for worker in session.query(Worker):
            days = session.query(func.count(Entry.id)).filter(Entry.worker_id == worker.id).scalar()
            print(worker.login, days)


COMMANDS = {name[4:]: value for name, value in globals().items() if name.startswith("cmd_")}


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("lines", nargs="*")
    args = parser.parse_args(argv)
    return COMMANDS[args.command](args)


if __name__ == "__main__":
    sys.exit(main())
