from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ChannelOut(Out):
    id: int
    name: str


class DeliveryOut(Out):
    id: int
    text: str


class SubscriberOut(Out):
    id: int
    email: str
    joined: datetime


class SubscriberUpdated(SubscriberOut):
    updated: datetime | None


class SubscriberFull(SubscriberOut):
    channel: ChannelOut


class ChannelFull(ChannelOut):
    subscribers: list[SubscriberFull]


class ChannelWithEmails(ChannelOut):
    subscribers: list[SubscriberOut]


class SubscriberDeep(SubscriberOut):
    deliveries: list[DeliveryOut]


class ChannelDeep(ChannelOut):
    subscribers: list[SubscriberDeep]


class SubscriberIn(BaseModel):
    email: str
    channel_id: int
