import datetime as dt

from sqlalchemy import create_engine, text


class ReportBuilder:
    def __init__(self, engine):
        self.engine = engine

    def _conditions(self, filters):
        parts = []
        for column in ("region", "channel", "salesperson"):
            value = filters.get(column)
            if value:
                parts.append(column + " = '" + value + "'")  # BAD
        return " AND ".join(parts) or "1 = 1"

    def _query(self, filters):
        return (
            "SELECT region, SUM(amount) AS amount FROM sales WHERE "
            + self._conditions(filters)
            + " GROUP BY region ORDER BY amount DESC"
        )

    def run(self, filters):
        started = dt.datetime.now()
        with self.engine.connect() as conn:
            rows = conn.execute(text(self._query(filters))).all()  # BAD
        return rows, dt.datetime.now() - started


def handle(event, context):
    engine = create_engine("mysql+pymysql://report@localhost/sales")
    try:
        rows, took = ReportBuilder(engine).run(event["queryStringParameters"] or {})
        return {"statusCode": 200, "body": [tuple(r) for r in rows], "took": took.total_seconds()}
    finally:
        engine.dispose()
