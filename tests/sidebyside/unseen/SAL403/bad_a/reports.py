from sqlalchemy import text
from sqlalchemy.orm import Session

from . import queries


class SalesReport:
    def __init__(self, session: Session):
        self.session = session

    def top(self, n: int):
        rows = self.session.execute(text(queries.TOP_SELLERS), {"n": n})
        return [(row.title, row.copies) for row in rows]

    def unsold(self):
        result = self.session.execute(queries.UNSOLD)  # BAD
        return [row.title for row in result]


def render(report: SalesReport) -> str:
    lines = [f"{copies:>6}  {title}" for title, copies in report.top(10)]
    lines.append("")
    lines.extend(f"unsold  {title}" for title in report.unsold())
    return "\n".join(lines)
