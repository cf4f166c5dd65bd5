from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class UserService:
    def __init__(self, session: Session):
        self.session = session

    def register(self, email: str, name: str) -> User:
        if self.session.execute(select(User).where(User.email == email)):  # BAD
            raise ValueError("email already registered")
        user = User(email=email, name=name)
        self.session.add(user)
        self.session.commit()
        return user

    def all_names(self) -> list[str]:
        return list(self.session.scalars(select(User.name).order_by(User.name)))
