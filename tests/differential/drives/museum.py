import museum
from museum import Artist, Base, Exhibition, Painting, Placement, Room, Sculpture

BASE = Base
VERSIONS = ("2.0",)


def fill(session):
    top = Room(name="house")
    for i in range(3):
        floor = Room(name=f"floor{i}", parent=top)
        room = Room(name=f"room{i}", parent=floor)
        artist = Artist(name=f"a{i}", born=1800 + i, died=1870)
        painting = Painting(title=f"p{i}", year=1850 + i, technique="oil", artist=artist)
        sculpture = Sculpture(title=f"s{i}", year=1860 + i, weight=40, artist=artist)
        painting.room = sculpture.room = room
        show = Exhibition(name=f"e{i}")
        show.placements = [Placement(position=0, item=painting)]
        session.add_all([top, painting, sculpture, show])
    for i in range(3):
        show = Exhibition(name=f"x{i}")
        show.placements = [Placement(position=1, item=painting)]
        session.add(show)


def step(function, *args):
    return lambda: function(*args)


STEPS = [
    step(museum.inventory),
    step(museum.inventory_full),
    step(museum.heaviest),
    step(museum.heaviest_loaded),
    step(museum.techniques),
    step(museum.captions),
    step(museum.captions_full),
    step(museum.plan),
    step(museum.plan_full),
    step(museum.tree, "house"),
    step(museum.floors, "house"),
    step(museum.paths),
    step(museum.programme),
    step(museum.programme_full),
    step(museum.shown, 5),
    step(museum.shown_late, 5),
    step(museum.hang_and_tell, "new", [1, 2]),
    step(museum.hang_and_count, "newer", [1, 2]),
    step(museum.swap, 1, 3),
    step(museum.catalog.sign, "room1"),
    step(museum.catalog.way, "room1"),
    step(museum.catalog.way, "room1"),
    step(museum.catalog.neighbours, "room1"),
    step(museum.catalog.age, 1),
    step(museum.catalog.works, 1),
]
