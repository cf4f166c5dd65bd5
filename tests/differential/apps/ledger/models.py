from sqlalchemy import Column, Computed, DateTime, ForeignKey, Integer, String, func
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Account(Base):
    __tablename__ = "accounts"

    id = Column(Integer, primary_key=True)
    owner = Column(String(50), nullable=False)
    balance = Column(Integer, nullable=False, default=0)
    opened = Column(DateTime, server_default=func.now())
    touched = Column(DateTime, onupdate=func.now())
    doubled = Column(Integer, Computed("balance * 2"))
    entries = relationship("Entry", back_populates="account", order_by="Entry.id")


class Entry(Base):
    __tablename__ = "entries"

    id = Column(Integer, primary_key=True)
    amount = Column(Integer, nullable=False)
    note = Column(String(100), server_default="")
    account_id = Column(ForeignKey("accounts.id"), nullable=False)
    account = relationship(Account, back_populates="entries")
