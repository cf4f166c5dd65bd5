from datetime import datetime, timedelta

from sqlalchemy import Column, DateTime, Integer, String, create_engine, delete
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
Session = sessionmaker(create_engine("postgresql+psycopg2://auth@localhost/auth"))


class ResetToken(Base):
    __tablename__ = "reset_tokens"
    id = Column(Integer, primary_key=True)
    token = Column(String(64), unique=True)
    created_at = Column(DateTime, default=datetime.now)


def expire_tokens(max_age=timedelta(hours=2)):
    cutoff = datetime.now() - max_age
    with Session() as session:
        delete(ResetToken).where(ResetToken.created_at < cutoff)  # BAD
        session.commit()


def issue(token):
    with Session.begin() as session:
        session.add(ResetToken(token=token))


if __name__ == "__main__":
    expire_tokens()
