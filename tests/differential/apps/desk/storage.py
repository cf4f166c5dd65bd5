from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    make_transient,
    mapped_column,
    relationship,
    sessionmaker,
)


class Base(DeclarativeBase):
    pass


class Folder(Base):
    __tablename__ = "folders"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    files: Mapped[list[File]] = relationship(back_populates="folder")


class File(Base):
    __tablename__ = "files"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes] = mapped_column(default=b"", deferred=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id"))
    folder: Mapped[Folder] = relationship(back_populates="files")


class Storage:
    def __init__(self, url: str = "sqlite:///desk.db", keep: bool = False) -> None:
        self.engine = create_engine(url)
        self._maker = sessionmaker(self.engine)
        self._keeping = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self):
        session = self._maker()
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    def folders(self) -> list[Folder]:
        with self._maker() as session:
            return list(session.scalars(select(Folder).order_by(Folder.name)))

    def folder(self, folder_id: int) -> Folder:
        with self._maker() as session:
            return session.get_one(Folder, folder_id)

    def file(self, file_id: int) -> File:
        with self._maker() as session:
            stmt = select(File).where(File.id == file_id).options(joinedload(File.folder))
            return session.execute(stmt).scalar_one()

    def file_of_unit(self, file_id: int) -> File:
        with self.session() as session:
            return session.get_one(File, file_id)

    def create(self, name: str, folder_id: int) -> File:
        with self._maker() as session:
            file = File(name=name, folder_id=folder_id)
            session.add(file)
            session.commit()
            return file

    def create_kept(self, name: str, folder_id: int) -> File:
        with self._keeping() as session:
            file = File(name=name, folder_id=folder_id)
            session.add(file)
            session.commit()
            return file

    def create_refreshed(self, name: str, folder_id: int) -> File:
        with self._maker() as session:
            file = File(name=name, folder_id=folder_id)
            session.add(file)
            session.commit()
            session.refresh(file)
            session.expunge(file)
            return file

    def save(self, file: File) -> File:
        with self._maker() as session:
            merged = session.merge(file)
            session.commit()
            return merged

    def save_kept(self, file: File) -> File:
        with self._keeping.begin() as session:
            return session.merge(file)

    def copy(self, file_id: int) -> File:
        with self._keeping() as session:
            file = session.get_one(File, file_id)
            session.expunge(file)
        make_transient(file)
        file.id = None
        with self._keeping.begin() as session:
            session.add(file)
        return file
