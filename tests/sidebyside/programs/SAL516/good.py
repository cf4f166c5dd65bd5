from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, joinedload, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    players: Mapped[list["Player"]] = relationship(back_populates="team")


class Player(Base):
    __tablename__ = "players"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    team: Mapped[Team] = relationship(back_populates="players")


async def teams(session: AsyncSession) -> list[Team]:
    result = await session.execute(select(Team).options(joinedload(Team.players)))
    return list(result.unique().scalars().all())


async def teams_with(session: AsyncSession, name: str):
    stmt = select(Team).join(Team.players).options(contains_eager(Team.players)).where(Player.name == name)
    return (await session.scalars(stmt)).unique().one_or_none()


async def players(session: AsyncSession):
    stmt = select(Player).options(joinedload(Player.team).selectinload(Team.players))
    return (await session.scalars(stmt)).all()


async def load(session: AsyncSession):
    stmt = select(Team).options(selectinload(Team.players).joinedload(Player.team))
    return (await session.scalars(stmt)).all()
