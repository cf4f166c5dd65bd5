from typing import Optional

from sqlmodel import Field, Session, SQLModel, create_engine, select

CLOSED = ("done", "rejected")


class Ticket(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    subject: str
    queue: str = Field(index=True)
    state: str = "new"


class TicketService:
    def __init__(self, engine):
        self.engine = engine

    def open(self, subject: str, queue: str) -> int:
        with Session(self.engine) as session:
            ticket = Ticket(subject=subject, queue=queue)
            session.add(ticket)
            session.commit()
            session.refresh(ticket)
            return ticket.id

    def backlog(self, queue: str) -> list[Ticket]:
        pending = Ticket.state not in CLOSED  # BAD
        stmt = select(Ticket).where(Ticket.queue == queue, pending)
        with Session(self.engine) as session:
            return list(session.exec(stmt.order_by(Ticket.id)).all())

    def close(self, ticket_id: int, state: str) -> None:
        if state not in CLOSED:
            raise ValueError(state)
        with Session(self.engine) as session:
            ticket = session.get(Ticket, ticket_id)
            if ticket is not None and ticket.state not in CLOSED:
                ticket.state = state
                session.add(ticket)
                session.commit()


if __name__ == "__main__":
    engine = create_engine("sqlite:///tickets.db")
    SQLModel.metadata.create_all(engine)
    for ticket in TicketService(engine).backlog("billing"):
        print(ticket.id, ticket.subject)
