import csv

from sqlalchemy import text
from sqltext import select_from

SOURCE = "subscribers"


class SubscriberExport:
    """Columns are chosen on the export form."""

    def __init__(self, engine, columns):
        self.engine = engine
        self.columns = list(columns)

    def write(self, handle, list_id: int):
        sql = select_from(SOURCE, self.columns)
        sql += "\nWHERE list_id = :list_id ORDER BY id"
        writer = csv.writer(handle)
        writer.writerow(self.columns)
        with self.engine.connect() as conn:
            for row in conn.execute(text(sql), {"list_id": list_id}):
                writer.writerow(row)
