from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Rating(Base):
    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("user_id", "film_id", name="uq_rating_user_film"),
        Index("ix_rating_slug", "slug", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    film_id: Mapped[int]
    stars: Mapped[int]
    slug: Mapped[str | None]


def rate(session: Session, user_id: int, film_id: int, stars: int) -> int:
    stmt = insert(Rating).values(user_id=user_id, film_id=film_id, stars=stars)
    stmt = stmt.on_conflict_do_update(
        index_elements=[Rating.user_id, Rating.film_id], set_={"stars": stmt.excluded.stars}
    ).returning(Rating.id)
    return session.scalars(stmt).one()


def by_name(session: Session, rows: list[dict]) -> None:
    stmt = insert(Rating)
    session.execute(stmt.on_conflict_do_update(constraint="uq_rating_user_film", set_={"stars": stmt.excluded.stars}), rows)
    session.execute(insert(Rating).values(rows).on_conflict_do_nothing())


def by_slug(session: Session, slug: str, row: dict) -> None:
    stmt = insert(Rating).values(slug=slug, **row).on_conflict_do_update(index_elements=["slug"], set_=row)
    session.execute(stmt)
