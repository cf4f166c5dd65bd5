from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class ApiToken(Base):
    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    read_only: Mapped[bool | None]
    revoked_at: Mapped[datetime | None]


async def usable_tokens(session: AsyncSession, owner: str, token: ApiToken | None = None) -> list[int]:
    if token is not None and token.revoked_at is None:
        return [token.id]
    stmt = select(ApiToken).where(ApiToken.owner == owner)
    tokens = (await session.execute(stmt)).scalars().all()
    return [t.id for t in tokens if t.revoked_at is None and t.read_only is not True]


async def revoke(session: AsyncSession, token_id: int) -> bool:
    token = await session.get(ApiToken, token_id)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = datetime.now()
    await session.commit()
    return token.revoked_at is not None
