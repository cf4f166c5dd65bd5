from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]
    locked: Mapped[bool] = mapped_column(default=False)


class AuthService:
    def __init__(self, session: Session, hasher):
        self.session = session
        self.hasher = hasher

    def login(self, email: str, password: str) -> User | None:
        user = self.session.scalars(select(User).where(User.email == email)).first()
        if user is None or user.locked:
            return None
        if User.password_hash == self.hasher(password):  # BAD
            return user
        return None

    def lock(self, user_id: int) -> None:
        user = self.session.get(User, user_id)
        if user and not user.locked:
            user.locked = True
            self.session.commit()
