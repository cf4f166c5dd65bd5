from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

SessionLocal = sessionmaker(create_engine("sqlite:///./news.db"))
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    section: Mapped[str]


def get_db():
    with SessionLocal() as session:
        yield session


@app.get("/articles")
def articles(section: str | None = None, size: int = 10, db: Session = Depends(get_db)):
    stmt = select(Article).limit(size).offset(0)
    if section:
        stmt = stmt.where(Article.section == section)
    stmt = stmt.order_by(Article.id.desc())
    return [a.title for a in db.scalars(stmt)]


@app.delete("/articles")
def trim(keep: int = 100, db: Session = Depends(get_db)):
    newest = select(Article.id).order_by(Article.id.desc()).limit(keep)
    db.execute(delete(Article).where(Article.id.not_in(newest)), execution_options={"synchronize_session": False})
    db.commit()
