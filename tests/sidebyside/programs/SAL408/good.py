from sqlalchemy import bindparam, create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///shop.db")

PRICES = text("SELECT sku, price FROM products WHERE sku IN :skus").bindparams(bindparam("skus", expanding=True))
PAIRS = text("SELECT sku FROM products WHERE (sku, price) IN :pairs")
PAIRS = PAIRS.bindparams(bindparam("pairs", expanding=True))


def prices(skus):
    with engine.connect() as conn:
        return {row.sku: row.price for row in conn.execute(PRICES, {"skus": list(skus)})}


def remove(session: Session, skus):
    stmt = text("DELETE FROM products WHERE sku IN :skus")
    params = {"skus": [s.strip() for s in skus]}
    session.execute(stmt.bindparams(bindparam("skus", expanding=True)), params)
    session.commit()


def exact(pairs):
    with engine.connect() as conn:
        return conn.execute(PAIRS, {"pairs": [tuple(p) for p in pairs]}).scalars().all()


if __name__ == "__main__":
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS products (sku TEXT, price INTEGER)"))
        conn.execute(text("INSERT INTO products VALUES ('tea', 4), ('cup', 7)"))
    print(prices({"tea"}), exact([["cup", 7]]))
    with Session(engine) as session:
        remove(session, ["tea ", "cup"])
