from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import SessionLocal, get_session
from studio.models import Album, Band, Track
from studio.schemas import AlbumFull, BandCreate, BandDetail, BandRead, FullPage, Page, TrackRead
from studio.service import BandService, NotFound

app = FastAPI()
sent: list[str] = []


def get_service(session: Annotated[AsyncSession, Depends(get_session)]) -> BandService:
    return BandService(session)


Service = Annotated[BandService, Depends(get_service)]
Db = Annotated[AsyncSession, Depends(get_session)]


def welcome(band: Band) -> None:
    sent.append(f"welcome {band.name}")


async def announce(band_id: int) -> None:
    async with SessionLocal() as session:
        band = await session.get(Band, band_id)
        if band is not None:
            sent.append(f"{band.name} has {len(band.albums)} albums")


@app.get("/bands", response_model=Page)
async def bands(service: Service):
    return await service.page()


@app.get("/bands/full", response_model=FullPage)
async def full_bands(service: Service):
    return await service.full_page()


@app.get("/bands/{id}", response_model=BandDetail)
async def band(id: int, service: Service):
    try:
        return await service.detail(id)
    except NotFound:
        raise HTTPException(404) from None


@app.get("/bands/{id}/quick", response_model=BandDetail)
async def quick(id: int, service: Service):
    return await service.quick_detail(id)


@app.get("/bands/{id}/plain", response_model=BandDetail)
async def plain(id: int, db: Db):
    return await db.get(Band, id)


@app.post("/bands", response_model=BandRead, status_code=201)
async def create(data: BandCreate, service: Service):
    return await service.add(data)


@app.post("/bands/quick", response_model=BandRead)
async def create_quick(data: BandCreate, service: Service):
    return await service.add_quick(data)


@app.post("/bands/welcome", response_model=BandRead)
async def create_and_welcome(data: BandCreate, service: Service, tasks: BackgroundTasks):
    band = await service.add(data)
    tasks.add_task(welcome, band)
    return band


@app.post("/bands/{id}/announce", status_code=202)
async def announced(id: int, tasks: BackgroundTasks):
    tasks.add_task(announce, id)
    return {"ok": True}


@app.put("/bands/{id}")
async def rename(id: int, data: BandCreate, service: Service) -> BandRead:
    return await service.rename(id, data.name)


@app.put("/bands/{id}/touch", response_model=BandRead)
async def touch(id: int, db: Db):
    band = await db.get(Band, id)
    if band is None:
        raise HTTPException(404)
    band.name = band.name + "!"
    await db.flush()
    return band


@app.get("/albums", response_model=list[AlbumFull])
async def albums(db: Db):
    return (await db.scalars(select(Album))).all()


@app.get("/albums/{id}/first", response_model=TrackRead)
async def first_track(id: int, db: Db):
    album = await db.get(Album, id)
    return album.tracks[0]


@app.get("/tracks/{id}")
async def track(id: int, db: Db) -> dict[str, str]:
    found = await db.get(Track, id)
    if found is None:
        raise HTTPException(404)
    return {"name": found.name, "genres": ", ".join(g.name for g in found.genres)}


@app.get("/lines")
async def lines(service: Service):
    return await service.all_lines()


@app.get("/bands/{id}/lines")
async def band_lines(id: int, service: Service):
    return await service.lines(id)
