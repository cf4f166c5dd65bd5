"""What a web layer would do: one session for each call."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tickets import services
from tickets.database import async_session, get_session
from tickets.models import Clerk, Team, Ticket


async def read_ticket(ticket_id: int) -> dict:
    async with get_session() as session:
        ticket = await session.get_one(Ticket, ticket_id)
    return ticket.as_row()


async def read_card(ticket_id: int) -> dict:
    async with get_session() as session:
        ticket = await session.get_one(Ticket, ticket_id)
    return ticket.as_card()


async def new_ticket(subject: str) -> dict:
    async with get_session() as session:
        ticket = await services.create_ticket(session, subject)
        return ticket.as_row()


async def team_page(team_id: int) -> list[str]:
    async with async_session() as session:
        team = await session.get(Team, team_id, options=[selectinload(Team.clerks)])
    assert team is not None
    return [clerk.email for clerk in team.clerks]


async def team_tickets(team_id: int) -> list[str]:
    async with async_session() as session:
        team = await session.get(Team, team_id, options=[selectinload(Team.clerks)])
        assert team is not None
        found = []
        for clerk in team.clerks:
            for ticket in clerk.tickets:
                found.append(ticket.subject)
        return found


async def clerks_with_teams() -> list[tuple[str, str]]:
    async with async_session() as session:
        rows = await session.execute(select(Clerk, Team).join(Clerk.team))
        return [(clerk.email, team.name) for clerk, team in rows]


async def clerks_with_tickets() -> list[tuple[str, int]]:
    async with async_session() as session:
        rows = await session.execute(select(Clerk, Team).join(Clerk.team))
        return [(team.name, len(clerk.tickets)) for clerk, team in rows]


async def page_of_clerks() -> tuple[list[Clerk], int]:
    async with async_session() as session:
        clerks = list((await session.scalars(select(Clerk))).all())
        return clerks, len(clerks)


async def show_page() -> list[str]:
    clerks, count = await page_of_clerks()
    assert count
    return [clerk.email for clerk in clerks]


async def show_page_with_teams() -> list[str]:
    clerks, _ = await page_of_clerks()
    return [clerk.team.name for clerk in clerks]
