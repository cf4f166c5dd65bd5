from typing import Annotated, Optional

from fastapi import APIRouter, Depends, Query
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import get_session
from .search import VenueSearch

router = APIRouter(prefix="/venues")


@router.get("/")
async def list_venues(
    city: Annotated[list[str], Query()] = [],
    min_capacity: Optional[int] = None,
    session: AsyncSession = Depends(get_session),
):
    sql, params = VenueSearch(cities=city, min_capacity=min_capacity).build()
    result = await session.execute(text(sql), params)
    return [dict(row) for row in result.mappings()]
