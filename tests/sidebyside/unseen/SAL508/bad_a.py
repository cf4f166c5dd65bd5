import datetime as dt
import secrets

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))


class ApiToken(Base):
    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    revoked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]


class Accounts:
    def __init__(self, session: Session):
        self.session = session

    def issue(self, account_id: int, now: dt.datetime) -> str:
        token = ApiToken(
            account_id=account_id, token=secrets.token_hex(16), created_at=now
        )
        self.session.add(token)
        self.session.commit()
        return token.token

    def change_password(self, email: str, password_hash: str) -> None:
        stmt = select(Account).where(Account.email == email)
        account = self.session.scalars(stmt).one()
        account.password_hash = password_hash
        revoke = (  # BAD
            update(ApiToken)  # BAD
            .where(ApiToken.account_id == account.id, ApiToken.revoked.is_(False))
            .values(revoked=True)
        )
        self.session.commit()

    def purge(self, before: dt.datetime) -> int:
        stmt = delete(ApiToken).where(ApiToken.created_at < before)
        removed = self.session.execute(stmt).rowcount
        self.session.commit()
        return removed
