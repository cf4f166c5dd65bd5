from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Host(Base):
    __tablename__ = "hosts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Alert(Base):
    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"))
    severity: Mapped[int]


def noisy_hosts(session: Session, minimum: int):
    counted = select(Alert.host_id, func.count(Alert.id).label("n")).group_by(Alert.host_id).subquery()
    noisy = select(Host).where(Host.id.in_(select(counted.c.host_id).where(counted.c.n >= minimum)))
    with_count = select(Host, counted.c.n).join(counted, counted.c.host_id == Host.id)
    return session.scalars(noisy).all(), session.execute(with_count).all()


def worst_alerts(session: Session):
    worst = select(func.max(Alert.severity)).scalar_subquery()
    hosts = select(Alert.host_id).where(Alert.severity == worst)
    return session.scalars(select(Host).where(Host.id.in_(hosts))).all()
