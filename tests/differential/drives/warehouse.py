from warehouse import survey
from warehouse.entities import Box, Hall, Model, Session, Shelf

BASE = Model
VERSIONS = ("2.0", "2.1")


def fill(session):
    for h in range(3):
        hall = Hall(name=f"h{h}")
        for s in range(2):
            shelf = Shelf(code=f"{h}{s}", hall=hall)
            session.add_all([Box(weight=1, shelf=shelf), Box(weight=2, shelf=shelf)])


def within(function, *args):
    def step():
        with Session() as session:
            function(session, *args)

    return step


STEPS = [
    within(survey.infos),
    within(survey.infos_joined),
    within(survey.weights),
    within(survey.one_weight, "00"),
    within(survey.halls_of),
    within(survey.boxes_by_hall),
    within(survey.loaded_halls),
    within(survey.named_halls),
    within(survey.row_halls),
    within(survey.total),
    within(survey.codes_of_boxes),
    lambda: survey.codes(1),
    lambda: survey.heaviest(1),
    survey.first_hall,
    lambda: survey.weight_on("00"),
    lambda: survey.shelf_on("00"),
    lambda: survey.hall_on("00"),
    within(survey.grouped),
    within(survey.pairs),
    within(survey.numbered),
    within(survey.mapped),
    within(survey.empty_shelves),
    within(survey.fullest),
]
