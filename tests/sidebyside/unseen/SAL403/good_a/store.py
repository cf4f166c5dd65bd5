from sqlalchemy import create_engine, event

from . import queries


def connect(url: str):
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection, record):
        cursor = dbapi_connection.cursor()
        cursor.execute(queries.FOREIGN_KEYS)
        cursor.execute(queries.ENABLE_WAL)
        cursor.close()

    return engine


def pages(engine) -> int:
    with engine.connect() as conn:
        return conn.exec_driver_sql(queries.PAGE_COUNT).scalar_one()
