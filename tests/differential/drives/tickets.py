from tickets import api, services
from tickets.database import engine, get_session
from tickets.models import Clerk, Base, Comment, Label, Team, Ticket

BASE = Base
VERSIONS = ("2.0", "2.1")
ASYNC_ENGINES = (engine,)


def fill(session):
    for t in range(2):
        team = Team(name=f"team{t}")
        for a in range(2):
            clerk = Clerk(email=f"a{t}{a}@x", team=team)
            ticket = Ticket(subject=f"s{t}{a}", clerk=clerk, labels=[Label(word="w")])
            ticket.comments = [Comment(text="t", author=clerk), Comment(text="u")]
            session.add(ticket)


def within(function, *args):
    async def step():
        async with get_session() as session:
            await function(session, *args)

    return step


STEPS = [
    within(services.create_and_describe, "a"),
    within(services.create_and_date, "a"),
    within(services.create_and_label, "a"),
    within(services.close_ticket, 1),
    within(services.close_and_stamp, 2),
    within(services.close_and_refresh, 3),
    within(services.clerk_of, 1),
    within(services.clerk_of_joined, 1),
    within(services.team_of, 1),
    within(services.team_of_nested, 1),
    within(services.comment_authors, 1),
    within(services.comment_texts, 1),
    within(services.rows),
    within(services.cards),
    within(services.workload),
    within(services.workload_of_teams),
    within(services.workload_of_teams_nested),
    within(services.assign, 1, "a00@x"),
    within(services.comment, 1, "hi"),
    within(services.label, 1, "hi"),
    within(services.label_by_key, 1, "hi"),
    within(services.label_loaded, 1, "hi"),
    within(services.rename, 1, "n"),
    within(services.give_up, 1, "m"),
    lambda: api.read_ticket(1),
    lambda: api.read_card(1),
    lambda: api.new_ticket("z"),
    lambda: api.team_page(1),
    lambda: api.team_tickets(1),
    api.clerks_with_teams,
    api.clerks_with_tickets,
    api.show_page,
    api.show_page_with_teams,
]
