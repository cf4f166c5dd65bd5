# target: 1.4
import re

from sqlalchemy import Column, Integer, String, UniqueConstraint, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Page(Base):
    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("site", "slug"),)

    id = Column(Integer, primary_key=True)
    site = Column(String(40), nullable=False)
    slug = Column(String(80), nullable=False)
    title = Column(String(200), nullable=False)


class Pages:
    def __init__(self, session, site):
        self.session = session
        self.site = site

    def _taken(self, slug):
        same = self.session.query(Page).filter_by(site=self.site, slug=slug)
        return same.count() > 0  # BAD

    def slug_for(self, title):
        stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "page"
        slug, number = stem, 1
        while self._taken(slug):
            number += 1
            slug = "%s-%d" % (stem, number)
        return slug

    def create(self, title):
        page = Page(site=self.site, slug=self.slug_for(title), title=title)
        self.session.add(page)
        self.session.commit()
        return page


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        pages = Pages(session, "blog")
        for title in ("Hello there", "Hello there!"):
            print(pages.create(title).slug)


if __name__ == "__main__":
    main()
