from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Lease(Base):
    __tablename__ = "leases"
    id: Mapped[int] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str | None]
    until: Mapped[datetime | None]


class LeaseService:
    def __init__(self, session: Session):
        self.session = session

    def acquire(self, resource: str, holder: str) -> bool:
        if not self.session.execute(select(Lease).where(Lease.resource == resource)).first():
            self.session.add(Lease(resource=resource))
            self.session.flush()
        result = self.session.execute(
            update(Lease).where(Lease.resource == resource, Lease.holder.is_(None)).values(holder=holder)
        )
        self.session.commit()
        return True if result.rowcount else False

    def holder(self, resource: str) -> str:
        if found := self.session.scalar(select(Lease.holder).where(Lease.resource == resource)):
            return found
        return "nobody"

    def any_held(self) -> bool:
        leases = self.session.scalars(select(Lease).where(Lease.holder.is_not(None))).all()
        return bool(leases)
