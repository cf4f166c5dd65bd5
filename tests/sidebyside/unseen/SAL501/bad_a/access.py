from sqlalchemy import true

from .models import Document, Person


def readable_by(person: Person):
    """The condition under which a person may open a document."""
    if person.is_staff:
        return true()
    return Document.owner_id == person.id or Document.visibility == "public"  # BAD


def editable_by(person: Person):
    if person.is_staff:
        return true()
    return Document.owner_id == person.id
