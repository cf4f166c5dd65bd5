from dataclasses import dataclass, field
from typing import Dict, List, NamedTuple, Optional

from sqlalchemy.orm import Session, joinedload, subqueryload

from hours.schema import Client, Entry, Project, Worker


@dataclass
class Bill:
    client: Client
    amount: float = 0.0
    projects: List[Project] = field(default_factory=list)


class Load(NamedTuple):
    worker: Worker
    hours: float


def active_projects(session: Session) -> List[Project]:
    return session.query(Project).filter(Project.active.is_(True)).all()


def projects_by_code(session: Session) -> Dict[str, Project]:
    return {project.code: project for project in session.query(Project)}


def projects_with_client(session: Session) -> Dict[str, Project]:
    query = session.query(Project).options(joinedload(Project.client))
    return dict((project.code, project) for project in query)


def get_worker(session: Session, login: str) -> Optional[Worker]:
    return session.query(Worker).filter_by(login=login).one_or_none()


def bills(session: Session) -> List[Bill]:
    found = []
    for client in session.query(Client).order_by(Client.name):
        bill = Bill(client)
        for project in client.projects:
            bill.projects.append(project)
            bill.amount += project.rate * project.hours()
        found.append(bill)
    return found


def bills_loaded(session: Session) -> List[Bill]:
    query = session.query(Client).options(
        subqueryload(Client.projects).subqueryload(Project.entries)
    )
    return [
        Bill(client, sum(p.rate * p.hours() for p in client.projects), list(client.projects))
        for client in query
    ]


def loads(session: Session) -> List[Load]:
    workers = session.query(Worker).options(subqueryload(Worker.entries)).all()
    return [Load(worker, sum(e.hours for e in worker.entries)) for worker in workers]


def open_entries(session: Session) -> List[Entry]:
    return session.query(Entry).filter_by(billed=False).all()


def totals(session: Session) -> Dict[str, Dict[str, float]]:
    table: Dict[str, Dict[str, float]] = {}
    for entry in open_entries(session):
        row = table.setdefault(entry.worker.login, {})
        row[entry.project.code] = row.get(entry.project.code, 0) + entry.hours
    return table


def summary(project: Project) -> Dict[str, object]:
    return {
        "code": project.code,
        "client": project.client.name if project.client else None,
        "hours": project.hours(),
    }
