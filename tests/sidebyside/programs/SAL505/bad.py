from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Campaign(Base):
    __tablename__ = "campaigns"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class CampaignService:
    def __init__(self, session: Session) -> None:
        self.session = session

    def running(self, now: datetime | None = None) -> list[Campaign]:
        now = now or datetime.now()
        stmt = select(Campaign).where(Campaign.starts_at <= now <= Campaign.ends_at)  # BAD
        return list(self.session.scalars(stmt))

    def schedule(self, name: str, starts_at: datetime, ends_at: datetime) -> Campaign:
        if not datetime.min < starts_at < ends_at:
            raise ValueError("bad period")
        campaign = Campaign(name=name, starts_at=starts_at, ends_at=ends_at)
        self.session.add(campaign)
        self.session.commit()
        return campaign
