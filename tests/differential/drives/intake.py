from intake import load
from intake.store import Base, Item, Supplier

BASE = Base
VERSIONS = ("2.0", "2.1")


def fill(session):
    for i in range(4):
        session.add(Item(sku=f"s{i}", stock=i, supplier=Supplier(name=f"n{i}")))


ROWS = [{"sku": f"r{i}", "stock": 1, "supplier_id": 1} for i in range(3)]
NAMED = [("q1", "n1"), ("q2", "new1"), ("q3", "new2")]
COUNTED = {1: 5, 2: 6, 3: 7}

STEPS = [
    lambda: load.load_rows(ROWS),
    lambda: load.load_rows_at_once(ROWS),
    lambda: load.load_items(NAMED),
    lambda: load.load_items_cached(NAMED),
    lambda: load.stocks(["s0", "s1", "s2"]),
    lambda: load.stocks_at_once(["s0", "s1", "s2"]),
    lambda: load.recount(COUNTED),
    lambda: load.recount_commits(COUNTED),
    lambda: load.recount_objects(COUNTED),
    load.low_stock,
    load.export,
    load.drop_all_items,
    load.drop_all_items_at_once,
]
