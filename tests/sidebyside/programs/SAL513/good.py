from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Group(Base):
    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    members: Mapped[list["Member"]] = relationship()


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))


def overview(session: Session, names: list[str]) -> dict:
    groups = session.scalars(
        select(Group).where(Group.name.in_(names)).options(selectinload(Group.members))
    ).all()
    if len(groups) != len(names):
        raise LookupError(f"{len(names) - len(groups)} groups missing")
    return {g.name: {"size": len(g.members), "members": [m.name for m in g.members]} for g in groups}


def page(session: Session, size: int) -> tuple[list[Member], bool]:
    rows = session.scalars(select(Member).order_by(Member.id).limit(size + 1)).all()
    more = len(rows) > size
    return list(rows[:size]), more
