from hours import cli
from hours.schema import Base, Client, Entry, Project, Worker

BASE = Base
VERSIONS = ("1.4", "2.0", "2.1")


def fill(session):
    workers = [Worker(login=f"w{i}") for i in range(3)]
    for i in range(3):
        client = Client(name=f"c{i}")
        for k in range(2):
            project = Project(code=f"p{i}{k}", client=client)
            project.entries = [Entry(worker=w, hours=1.5) for w in workers]
            session.add(project)


def command(*argv):
    return lambda: cli.main(argv)


NAMES = (
    "projects labels sorted hours clients bills bills_loaded bills_late loads totals summary busy"
    " per_worker last last_client"
)
STEPS = [
    *map(command, NAMES.split()),
    command("add", "new"),
    command("import", "w0,p00,3", "w1,p10,4", "w9,p20,5"),
    command("move", "w0", "w1"),
    command("bill"),
]
