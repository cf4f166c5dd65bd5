from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker


class Model(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Hall(Model):
    __tablename__ = "hall"
    name: Mapped[str]
    shelves: Mapped[list["Shelf"]] = relationship(back_populates="hall")


class Shelf(Model):
    __tablename__ = "shelf"
    code: Mapped[str]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    hall: Mapped["Hall"] = relationship(back_populates="shelves")
    boxes: Mapped[list["Box"]] = relationship(back_populates="shelf")


class Box(Model):
    __tablename__ = "box"
    weight: Mapped[int]
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
    shelf: Mapped["Shelf"] = relationship(back_populates="boxes")


engine = create_engine("postgresql://localhost/warehouse")
Session = sessionmaker(engine)
