from functools import partial

import depot
from depot import Base, Consumable, Entry, Movement, Place, Supplier, Tool

BASE = Base
VERSIONS = ("2.0",)


def fill(session):
    root = Place(name="hall")
    places = [root]
    for i in range(2):
        shelf = Place(name=f"shelf{i}", parent=root)
        boxes = [Place(name=f"box{i}{k}", parent=shelf) for k in range(2)]
        places += [shelf, *boxes]
    session.add_all(places)
    session.flush()
    for i in range(3):
        supplier = Supplier(name=f"s{i}")
        tool = Tool(name=f"t{i}", supplier=supplier, manual="long", weight=60)
        glue = Consumable(name=f"c{i}", supplier=supplier, manual="short")
        session.add_all([tool, glue])
        session.flush()
        for place in places[:3]:
            session.add(Entry(place_id=place.id, item_id=tool.id, quantity=i))
            session.add(Entry(place_id=place.id, item_id=glue.id, quantity=1))
    session.add_all([Movement(place_id=place.id, text="in") for place in places])


STEPS = [
    depot.voltages,
    depot.voltages_with_kinds,
    depot.shelf_days,
    depot.manuals,
    depot.manuals_loaded,
    depot.tree,
    depot.tree_size,
    partial(depot.path, 7),
    partial(depot.stock, 1),
    partial(depot.stock_loaded, 1),
    partial(depot.contents, 1),
    partial(depot.quantities, 1),
    depot.totals,
    depot.totals_asked,
    depot.last_movements,
    depot.clear,
    depot.fill_up,
    depot.suppliers,
    partial(depot.audit_weight, 1),
    partial(depot.audit_supplier, 1),
    partial(depot.audit_both, 1),
    partial(depot.audit_merged, 1),
    depot.first_tool,
    depot.first_tool_inside,
    depot.inventory,
    partial(depot.reweigh, [1, 2, 3]),
]
