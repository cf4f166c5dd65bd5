# target: 1.4
import hashlib

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Upload(Base):
    __tablename__ = "uploads"

    id = Column(Integer, primary_key=True)
    owner = Column(String(40), nullable=False, index=True)
    name = Column(String(200), nullable=False)
    digest = Column(String(64), nullable=False, index=True)


class QuotaExceeded(Exception):
    pass


class Uploads:
    QUOTA = 100

    def __init__(self, session, owner):
        self.session = session
        self.owner = owner

    def _own(self):
        return self.session.query(Upload).filter(Upload.owner == self.owner)

    def known(self, digest):
        same = self._own().filter(Upload.digest == digest)
        return self.session.query(same.exists()).scalar()

    def store(self, name, content):
        digest = hashlib.sha256(content).hexdigest()
        if self.known(digest):
            return None
        count = self._own().count()
        if count >= self.QUOTA:
            raise QuotaExceeded("%d of %d used" % (count, self.QUOTA))
        upload = Upload(owner=self.owner, name=name, digest=digest)
        self.session.add(upload)
        self.session.commit()
        return upload

    def listing(self):
        uploads = self._own().order_by(Upload.name, Upload.id).all()
        if not uploads:
            return "nothing here"
        return "\n".join(upload.name for upload in uploads)


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        uploads = Uploads(session, "kim")
        uploads.store("a.txt", b"first")
        uploads.store("b.txt", b"first")
        print(uploads.listing())


if __name__ == "__main__":
    main()
