from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker


class Base(DeclarativeBase):
    pass


engine = create_engine("postgresql+psycopg://localhost/bookshop")
SessionLocal = sessionmaker(bind=engine)
