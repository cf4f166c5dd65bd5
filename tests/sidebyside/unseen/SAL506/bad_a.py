import datetime as dt
from typing import Optional

from sqlmodel import Field, Session, SQLModel, col, create_engine, select


class Notice(SQLModel, table=True):
    __tablename__ = "notices"

    id: Optional[int] = Field(default=None, primary_key=True)
    board: str = Field(index=True)
    title: str
    pinned: bool = False
    pinned_at: Optional[dt.datetime] = None
    posted_at: dt.datetime


class NoticeBoard:
    def __init__(self, session: Session, board: str):
        self.session = session
        self.board = board

    def page(self, offset: int = 0, size: int = 20) -> list[Notice]:
        if size > 100:
            size = 100
        ranking = (
            col(Notice.pinned_at)  # BAD
            if Notice.pinned == True  # BAD
            else col(Notice.posted_at)
        )
        stmt = (
            select(Notice)
            .where(Notice.board == self.board)
            .order_by(ranking.desc(), col(Notice.id))
            .offset(offset)
            .limit(size)
        )
        return list(self.session.exec(stmt).all())

    def pin(self, notice_id: int, now: dt.datetime) -> None:
        notice = self.session.get(Notice, notice_id)
        if notice and not notice.pinned:
            notice.pinned = True
            notice.pinned_at = now
            self.session.add(notice)
            self.session.commit()


if __name__ == "__main__":
    engine = create_engine("sqlite:///notices.db")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        for notice in NoticeBoard(session, "office").page():
            print(notice.title)
