from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from tickets.models import Clerk, Comment, Label, Team, Ticket


async def create_ticket(session: AsyncSession, subject: str) -> Ticket:
    ticket = Ticket(subject=subject)
    session.add(ticket)
    await session.commit()
    return ticket


async def create_and_describe(session: AsyncSession, subject: str) -> str:
    ticket = await create_ticket(session, subject)
    return f"#{ticket.id} {ticket.subject} is {ticket.state}"


async def create_and_date(session: AsyncSession, subject: str) -> str:
    ticket = await create_ticket(session, subject)
    return f"{ticket.subject} of {ticket.created:%Y}"


async def create_and_label(session: AsyncSession, subject: str) -> list[str]:
    ticket = await create_ticket(session, subject)
    return [label.word for label in ticket.labels]


async def close_ticket(session: AsyncSession, ticket_id: int) -> str:
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None:
        raise LookupError(ticket_id)
    ticket.state = "closed"
    await session.commit()
    return ticket.state


async def close_and_stamp(session: AsyncSession, ticket_id: int) -> str:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.state = "closed"
    await session.commit()
    return f"closed on {ticket.changed}"


async def close_and_refresh(session: AsyncSession, ticket_id: int) -> str:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.state = "closed"
    await session.commit()
    await session.refresh(ticket)
    return f"closed on {ticket.changed}"


async def clerk_of(session: AsyncSession, ticket_id: int) -> str:
    result = await session.execute(select(Ticket).where(Ticket.id == ticket_id))
    ticket = result.scalar_one()
    return ticket.clerk.email


async def clerk_of_joined(session: AsyncSession, ticket_id: int) -> str:
    stmt = select(Ticket).options(joinedload(Ticket.clerk)).where(Ticket.id == ticket_id)
    ticket = (await session.execute(stmt)).unique().scalar_one()
    return ticket.clerk.email


async def team_of(session: AsyncSession, ticket_id: int) -> str:
    stmt = select(Ticket).options(joinedload(Ticket.clerk)).where(Ticket.id == ticket_id)
    ticket = await session.scalar(stmt)
    assert ticket is not None
    return ticket.clerk.team.name


async def team_of_nested(session: AsyncSession, ticket_id: int) -> str:
    stmt = select(Ticket).options(joinedload(Ticket.clerk).joinedload(Clerk.team))
    ticket = await session.scalar(stmt.where(Ticket.id == ticket_id))
    assert ticket is not None
    return ticket.clerk.team.name


async def comment_authors(session: AsyncSession, ticket_id: int) -> list[str]:
    ticket = await session.get_one(Ticket, ticket_id)
    return [comment.author.email for comment in ticket.comments if comment.author_id]


async def comment_texts(session: AsyncSession, ticket_id: int) -> list[str]:
    ticket = await session.get_one(Ticket, ticket_id)
    return [comment.text for comment in ticket.comments]


async def rows(session: AsyncSession) -> list[dict]:
    tickets = await session.scalars(select(Ticket).order_by(Ticket.id))
    return [ticket.as_row() for ticket in tickets]


async def cards(session: AsyncSession) -> list[dict]:
    tickets = (await session.scalars(select(Ticket).order_by(Ticket.id))).all()
    return [ticket.as_card() for ticket in tickets]


async def workload(session: AsyncSession) -> dict[str, int]:
    result = await session.execute(select(Clerk).options(selectinload(Clerk.tickets)))
    return {clerk.email: len(clerk.tickets) for clerk in result.scalars()}


async def workload_of_teams(session: AsyncSession) -> dict[str, int]:
    load = {}
    result = await session.execute(select(Team).options(selectinload(Team.clerks)))
    for team in result.scalars().all():
        load[team.name] = sum(len(clerk.tickets) for clerk in team.clerks)
    return load


async def workload_of_teams_nested(session: AsyncSession) -> dict[str, int]:
    load = {}
    stmt = select(Team).options(selectinload(Team.clerks).selectinload(Clerk.tickets))
    for team in (await session.scalars(stmt)).all():
        load[team.name] = sum(len(clerk.tickets) for clerk in team.clerks)
    return load


async def assign(session: AsyncSession, ticket_id: int, email: str) -> str:
    ticket = await session.get_one(Ticket, ticket_id)
    clerk = (await session.scalars(select(Clerk).where(Clerk.email == email))).one()
    ticket.clerk = clerk
    await session.commit()
    return f"{ticket.subject} is {ticket.clerk.email}'s"


async def comment(session: AsyncSession, ticket_id: int, text: str) -> int:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.comments.append(Comment(text=text))
    await session.flush()
    return len(ticket.comments)


async def label(session: AsyncSession, ticket_id: int, word: str) -> None:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.labels.append(Label(word=word))
    await session.commit()


async def label_by_key(session: AsyncSession, ticket_id: int, word: str) -> None:
    session.add(Label(word=word, ticket_id=ticket_id))
    await session.commit()


async def label_loaded(session: AsyncSession, ticket_id: int, word: str) -> int:
    ticket = await session.get_one(Ticket, ticket_id)
    await session.refresh(ticket, attribute_names=["labels"])
    ticket.labels.append(Label(word=word))
    await session.commit()
    return len(ticket.labels)


async def rename(session: AsyncSession, ticket_id: int, subject: str) -> str:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.subject = subject
    try:
        await session.commit()
    except Exception:
        await session.rollback()
        raise
    return ticket.subject


async def give_up(session: AsyncSession, ticket_id: int, subject: str) -> str:
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.subject = subject
    await session.rollback()
    return ticket.subject
