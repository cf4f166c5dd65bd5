"""What a web layer would do: one session for each call."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tickets import services
from tickets.database import async_session, get_session
from tickets.models import Agent, Team, Ticket


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
        team = await session.get(Team, team_id, options=[selectinload(Team.agents)])
    assert team is not None
    return [agent.email for agent in team.agents]


async def team_tickets(team_id: int) -> list[str]:
    async with async_session() as session:
        team = await session.get(Team, team_id, options=[selectinload(Team.agents)])
        assert team is not None
        found = []
        for agent in team.agents:
            for ticket in agent.tickets:
                found.append(ticket.subject)
        return found


async def agents_with_teams() -> list[tuple[str, str]]:
    async with async_session() as session:
        rows = await session.execute(select(Agent, Team).join(Agent.team))
        return [(agent.email, team.name) for agent, team in rows]


async def agents_with_tickets() -> list[tuple[str, int]]:
    async with async_session() as session:
        rows = await session.execute(select(Agent, Team).join(Agent.team))
        return [(team.name, len(agent.tickets)) for agent, team in rows]


async def page_of_agents() -> tuple[list[Agent], int]:
    async with async_session() as session:
        agents = list((await session.scalars(select(Agent))).all())
        return agents, len(agents)


async def show_page() -> list[str]:
    agents, count = await page_of_agents()
    assert count
    return [agent.email for agent in agents]


async def show_page_with_teams() -> list[str]:
    agents, _ = await page_of_agents()
    return [agent.team.name for agent in agents]
