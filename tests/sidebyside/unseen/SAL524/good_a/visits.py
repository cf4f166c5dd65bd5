import datetime as dt
from typing import Iterable, Optional

from sqlalchemy import and_, delete, false, or_, select, true, update
from sqlalchemy.orm import Session

from .models import Visit

UNSYNCHRONIZED = {"synchronize_session": False}


class Visits:
    def __init__(self, session: Session):
        self.session = session

    def forget(self, prefixes: Iterable[str]) -> int:
        below = [Visit.path.startswith(prefix, autoescape=True) for prefix in prefixes]
        if not below:
            return 0
        stmt = delete(Visit).where(or_(*below))
        removed = self.session.execute(stmt, execution_options=UNSYNCHRONIZED).rowcount
        self.session.commit()
        return removed

    def anonymize(self, countries: Iterable[str]) -> int:
        hits = [Visit.country == country for country in countries]
        stmt = update(Visit).where(or_(false(), *hits)).values(country=None)
        changed = self.session.execute(stmt, execution_options=UNSYNCHRONIZED).rowcount
        self.session.commit()
        return changed

    def paths(self, since: Optional[dt.datetime], *extra) -> list[str]:
        wanted = list(extra)
        if since is not None:
            wanted.append(Visit.at >= since)
        stmt = select(Visit.path).where(and_(true(), *wanted)).distinct()
        return list(self.session.scalars(stmt.order_by(Visit.path)))

    def from_nowhere(self) -> list[Visit]:
        stmt = select(Visit).where(Visit.country == None)  # noqa: E711
        return list(self.session.scalars(stmt.order_by(Visit.id)))
