from sqlalchemy import text
from sqlalchemy.orm import Session


def _placeholders(prefix, values):
    names = [f"{prefix}_{i}" for i in range(len(values))]
    clause = ", ".join(f":{name}" for name in names)
    return clause, dict(zip(names, values))


class DocumentRepository:
    def __init__(self, session: Session):
        self.session = session

    def by_tags(self, tags: list[str]):
        clause, params = _placeholders("tag", tags)
        sql = f"SELECT document_id FROM document_tags WHERE tag IN ({clause}) GROUP BY document_id"
        return self.session.execute(text(sql), params).scalars().all()

    def search(self, **filters):
        allowed = {"author", "language", "status"}
        conditions = [f"{name} = :{name}" for name in filters if name in allowed]
        params = {name: value for name, value in filters.items() if name in allowed}
        where = " AND ".join(conditions) if conditions else "1 = 1"
        return self.session.execute(text(f"SELECT id, title FROM documents WHERE {where}"), params).all()

    def insert(self, author, titles):
        rows = ", ".join(f"(:author, :t{i})" for i in range(len(titles)))
        params = {"author": author, **{f"t{i}": title for i, title in enumerate(titles)}}
        self.session.execute(text("INSERT INTO documents (author, title) VALUES " + rows), params)
