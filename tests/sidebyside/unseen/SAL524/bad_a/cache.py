from typing import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from .models import CacheEntry


class Cache:
    def __init__(self, session: Session):
        self.session = session

    def get(self, key: str) -> str | None:
        stmt = select(CacheEntry.body).where(CacheEntry.key == key)
        return self.session.scalar(stmt)

    def invalidate(self, prefixes: Iterable[str]) -> int:
        """Drop everything stored below the given prefixes."""
        matching = [
            CacheEntry.key.startswith(prefix, autoescape=True)
            for prefix in prefixes
            if prefix.strip()
        ]
        stmt = delete(CacheEntry).where(or_(*matching))  # BAD
        removed = self.session.execute(  # BAD
            stmt, execution_options={"synchronize_session": False}
        ).rowcount
        self.session.commit()
        return removed
