from desk.storage import Base, File, Folder, Storage
from desk.window import Window

BASE = Base
VERSIONS = ("2.0", "2.1")


def fill(session):
    for i in range(2):
        folder = Folder(name=f"f{i}")
        session.add_all([File(name="a", folder=folder), File(name="b", folder=folder)])


window = Window(Storage())
STEPS = [
    window.names,
    window.counts,
    lambda: window.files_of(1),
    lambda: window.path(1),
    lambda: window.siblings(1),
    lambda: window.read(1),
    lambda: window.title(1),
    lambda: window.new("x", 1),
    lambda: window.new_kept("x", 1),
    lambda: window.new_in("x", 1),
    lambda: window.new_refreshed("x", 1),
    lambda: window.rename(1, "x"),
    lambda: window.rename_kept(1, "x"),
    lambda: window.copy(1),
    lambda: window.guess(1),
]
