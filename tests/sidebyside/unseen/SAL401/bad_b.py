# target: 1.4
import datetime as dt

from sqlalchemy import Column, Date, Integer, String, create_engine, text
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Article(Base):
    __tablename__ = "articles"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False)
    author = Column(String(80), nullable=False)
    published_on = Column(Date)


class ArticleRepository:
    TITLE_MATCH = "lower(articles.title) LIKE '{needle}%'"

    def __init__(self, session):
        self.session = session

    def _title_clause(self, phrase):
        needle = " ".join(phrase.lower().split())
        return self.TITLE_MATCH.format(needle=needle)  # BAD

    def published(self, phrase=None, author=None, today=None):
        today = today or dt.date.today()
        query = self.session.query(Article).filter(Article.published_on <= today)
        if author is not None:
            query = query.filter(Article.author == author)
        if phrase:
            query = query.filter(text(self._title_clause(phrase)))  # BAD
        return query.order_by(Article.published_on.desc(), Article.id).all()


def search(phrase, author):
    with Session() as session:
        found = ArticleRepository(session).published(phrase=phrase, author=author)
        return [(article.id, article.title) for article in found]


if __name__ == "__main__":
    import sys

    Base.metadata.create_all(engine)
    for row in search(sys.argv[1], sys.argv[2]):
        print(*row)
