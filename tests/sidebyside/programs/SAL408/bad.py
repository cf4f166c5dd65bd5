from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg2://shop:shop@localhost/shop")


def prices(skus):
    query = text("SELECT sku, price FROM products WHERE sku IN :skus AND active")
    with engine.connect() as conn:
        rows = conn.execute(query, {"skus": list(skus)})  # BAD
        return {row.sku: row.price for row in rows}


def basket_total(basket):
    table = prices(basket)
    missing = set(basket) - set(table)
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    return sum(table[sku] * amount for sku, amount in basket.items())


if __name__ == "__main__":
    print(basket_total({"tea": 2, "cup": 4}))
