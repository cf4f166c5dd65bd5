from sqlalchemy import select
from sqlalchemy.orm import Session

from .access import editable_by, readable_by
from .models import Document, Person


class Shelf:
    def __init__(self, session: Session, person: Person):
        self.session = session
        self.person = person

    def titles(self) -> list[str]:
        stmt = (
            select(Document.title)
            .where(readable_by(self.person))
            .order_by(Document.title)
        )
        return list(self.session.scalars(stmt))

    def editable(self) -> list[Document]:
        stmt = select(Document).where(editable_by(self.person))
        return list(self.session.scalars(stmt.order_by(Document.id)))
