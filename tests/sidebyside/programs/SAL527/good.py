from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


class Review(Base):
    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    stars: Mapped[int]


def most_expensive(session: Session):
    highest = select(func.max(Product.price)).scalar_subquery()
    return session.scalars(select(Product).where(Product.price == highest)).all()


def well_reviewed(session: Session, minimum: int, stars: float):
    stats = (
        select(Review.product_id, func.count(Review.id).label("n"), func.avg(Review.stars).label("average"))
        .group_by(Review.product_id)
        .having(func.count(Review.id) >= minimum)
        .subquery()
    )
    stmt = select(Product).join(stats, stats.c.product_id == Product.id).where(stats.c.average >= stars)
    return session.scalars(stmt.where(func.lower(Product.name) != "", func.coalesce(Product.price, 0) > 0)).all()


def above_own_average(session: Session):
    other = aliased(Review)
    average = select(func.avg(other.stars)).where(other.product_id == Review.product_id).scalar_subquery()
    return session.scalars(select(Review).where(Review.stars >= average)).all()
