import datetime as dt

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    members: Mapped[list["Runner"]] = relationship(
        back_populates="team", lazy="selectin", order_by="Runner.id"
    )


class Runner(Base):
    __tablename__ = "runners"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    born_on: Mapped[dt.date]
    team: Mapped[Team] = relationship(back_populates="members")


class Race:
    def __init__(self, session: Session):
        self.session = session

    def sheet(self, team_id: int) -> str:
        team = self.session.get_one(Team, team_id)
        names = [runner.name for runner in team.members]
        return f"{team.name} ({len(team.members)}): " + ", ".join(names)

    def juniors(self, since: dt.date) -> dict:
        stmt = select(Runner).where(Runner.born_on >= since).order_by(Runner.name)
        found = self.session.scalars(stmt).all()
        return {
            "count": len(found),
            "names": [runner.name for runner in found],
        }

    def starters(self) -> int:
        return self.session.scalar(select(func.count(Runner.id)))

    def sizes(self) -> list[tuple[str, int]]:
        stmt = (
            select(Team.name, func.count(Runner.id))
            .outerjoin(Team.members)
            .group_by(Team.id, Team.name)
            .order_by(Team.name)
        )
        return [(name, count) for name, count in self.session.execute(stmt)]
