from typing import Optional

from sqlalchemy import or_, true

from .models import Member, Recipe


def readable_by(member: Optional[Member]):
    """The condition under which a member may open a recipe."""
    if member is None or member.suspended:
        return Recipe.listed
    if member.is_staff and not member.suspended:
        return true()
    return or_(Recipe.owner_id == member.id, Recipe.listed)


def may_edit(recipe: Recipe, member: Member) -> bool:
    mine = recipe.owner_id == member.id or member.is_staff
    return mine and not member.suspended
