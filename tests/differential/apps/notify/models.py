from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Channel(Base):
    __tablename__ = "channels"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    subscribers: Mapped[list["Subscriber"]] = relationship(back_populates="channel")


class Subscriber(Base):
    __tablename__ = "subscribers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    joined: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime | None] = mapped_column(onupdate=func.now())
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    channel: Mapped[Channel] = relationship(back_populates="subscribers")
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="subscriber")


class Delivery(Base):
    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"))
    subscriber: Mapped[Subscriber] = relationship(back_populates="deliveries")
