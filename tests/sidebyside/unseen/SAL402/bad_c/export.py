import csv

from sqlalchemy import text
from sqltext import select_from

SOURCE = "members"


class MemberExport:
    """Columns are chosen on the export form."""

    def __init__(self, engine, columns):
        self.engine = engine
        self.columns = list(columns)

    def write(self, handle, club_id: int):
        sql = select_from(SOURCE, self.columns)
        sql += "\nWHERE club_id = :club_id ORDER BY id"
        writer = csv.writer(handle)
        writer.writerow(self.columns)
        with self.engine.connect() as conn:
            for row in conn.execute(text(sql), {"club_id": club_id}):  # BAD
                writer.writerow(row)
