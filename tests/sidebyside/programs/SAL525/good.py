from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Branch(Base):
    __tablename__ = "branches"
    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str]


class Loan(Base):
    __tablename__ = "loans"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    returned: Mapped[bool] = mapped_column(default=False)


def open_loans(session: Session) -> int:
    return session.scalar(select(func.count()).where(Loan.returned.is_(False)))


def numbers(session: Session, city: str) -> list[int]:
    stmt = select(Loan).join(Branch, Loan.branch_id == Branch.id).where(Branch.city == city)
    total = select(func.count()).select_from(stmt.subquery())
    direct = stmt.with_only_columns(func.count(Loan.id))
    kept = stmt.with_only_columns(func.count(), maintain_column_froms=True)
    return [session.execute(s).scalar_one() for s in (total, direct, kept)]


def per_city(session: Session):
    return session.execute(
        select(Branch.city, func.count()).join(Loan, Loan.branch_id == Branch.id).group_by(Branch.city)
    ).all()
