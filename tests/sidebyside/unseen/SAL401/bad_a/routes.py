from typing import Optional

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import get_session
from .search import ClinicSearch

router = APIRouter(prefix="/clinics")


@router.get("/")
async def list_clinics(
    city: Optional[str] = None,
    name: Optional[str] = None,
    session: AsyncSession = Depends(get_session),
):
    query = ClinicSearch(city=city, name=name)
    statement = text(query.render())  # BAD
    result = await session.execute(statement)  # BAD
    return [dict(row) for row in result.mappings()]
