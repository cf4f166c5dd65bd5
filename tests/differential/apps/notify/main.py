from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from notify import schemas
from notify.db import Db, SessionLocal
from notify.models import Channel, Delivery, Subscriber

app = FastAPI()
router = APIRouter(prefix="/subscribers")
sent: list[str] = []


@app.get("/channels", response_model=list[schemas.ChannelOut])
async def channels(db: Db):
    return (await db.scalars(select(Channel))).all()


@app.get("/channels/{channel_id}", response_model=schemas.ChannelFull)
async def channel(channel_id: int, db: Db):
    stmt = select(Channel).options(selectinload(Channel.subscribers))
    found = await db.scalar(stmt.where(Channel.id == channel_id))
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/channels/{channel_id}/lazy", response_model=schemas.ChannelWithEmails)
async def channel_lazy(channel_id: int, db: Db):
    found = await db.get(Channel, channel_id)
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/channels/{channel_id}/deep", response_model=schemas.ChannelDeep)
async def channel_deep(channel_id: int, db: Db):
    stmt = select(Channel).options(selectinload(Channel.subscribers))
    return await db.scalar(stmt.where(Channel.id == channel_id))


@app.get("/channels/{channel_id}/deeper", response_model=schemas.ChannelDeep)
async def channel_deeper(channel_id: int, db: Db):
    option = selectinload(Channel.subscribers).selectinload(Subscriber.deliveries)
    return await db.scalar(select(Channel).options(option).where(Channel.id == channel_id))


@app.get("/channels/{channel_id}/emails")
async def channel_emails(channel_id: int, db: Db) -> schemas.ChannelWithEmails:
    stmt = select(Channel).options(selectinload(Channel.subscribers))
    found = (await db.scalars(stmt.where(Channel.id == channel_id))).one_or_none()
    if found is None:
        raise HTTPException(404)
    return schemas.ChannelWithEmails.model_validate(found)


@router.get("/", response_model=list[schemas.SubscriberFull])
async def subscribers(db: Db):
    result = await db.execute(select(Subscriber).where(Subscriber.active))
    return result.scalars().all()


@router.get("/joined", response_model=list[schemas.SubscriberFull])
async def subscribers_joined(db: Db):
    result = await db.execute(select(Subscriber).options(joinedload(Subscriber.channel)))
    return result.scalars().all()


@router.post("/", response_model=schemas.SubscriberOut, status_code=201)
async def subscribe(data: schemas.SubscriberIn, db: Db):
    subscriber = Subscriber(**data.model_dump())
    db.add(subscriber)
    await db.commit()
    return subscriber


@router.post("/full", response_model=schemas.SubscriberFull, status_code=201)
async def subscribe_full(data: schemas.SubscriberIn, db: Db):
    subscriber = Subscriber(email=data.email, channel_id=data.channel_id)
    db.add(subscriber)
    await db.commit()
    await db.refresh(subscriber)
    return subscriber


@router.post("/full-refreshed", response_model=schemas.SubscriberFull, status_code=201)
async def subscribe_full_refreshed(data: schemas.SubscriberIn, db: Db):
    subscriber = Subscriber(email=data.email, channel_id=data.channel_id)
    db.add(subscriber)
    await db.commit()
    await db.refresh(subscriber, ["channel"])
    return subscriber


@router.put("/{subscriber_id}", response_model=schemas.SubscriberUpdated)
async def rename(subscriber_id: int, email: str, db: Db):
    subscriber = await db.get_one(Subscriber, subscriber_id)
    subscriber.email = email
    await db.commit()
    return subscriber


@router.put("/{subscriber_id}/refreshed", response_model=schemas.SubscriberUpdated)
async def rename_refreshed(subscriber_id: int, email: str, db: Db):
    subscriber = await db.get_one(Subscriber, subscriber_id)
    subscriber.email = email
    await db.commit()
    await db.refresh(subscriber)
    return subscriber


def send(address: str, text: str) -> None:
    sent.append(f"{address}: {text}")


def send_to(subscriber: Subscriber, text: str) -> None:
    send(subscriber.email, f"{subscriber.channel.name}: {text}")


async def deliver(subscriber_id: int, text: str) -> None:
    async with SessionLocal() as session:
        session.add(Delivery(subscriber_id=subscriber_id, text=text))
        await session.commit()


@router.post("/{subscriber_id}/send")
async def send_one(subscriber_id: int, text: str, tasks: BackgroundTasks, db: Db):
    subscriber = await db.get_one(Subscriber, subscriber_id)
    tasks.add_task(send_to, subscriber, text)
    return {"ok": True}


@router.post("/{subscriber_id}/send-by-key")
async def send_by_key(subscriber_id: int, text: str, tasks: BackgroundTasks, db: Db):
    subscriber = await db.get_one(Subscriber, subscriber_id)
    tasks.add_task(send, subscriber.email, text)
    tasks.add_task(deliver, subscriber.id, text)
    return {"ok": True}


@router.get("/{subscriber_id}/deliveries", response_model=list[schemas.DeliveryOut])
async def deliveries(subscriber_id: int, db: Db):
    subscriber = await db.get_one(Subscriber, subscriber_id)
    return subscriber.deliveries


app.include_router(router)
