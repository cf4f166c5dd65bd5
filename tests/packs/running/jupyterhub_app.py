"""JupyterHub: handlers and authenticators have the one session of the hub, which stays open."""

import asyncio
import os
import tempfile
from types import SimpleNamespace

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from sqlalchemy import Column, Integer, String
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application


class Note(orm.Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


class Names(Authenticator):
    async def authenticate(self, handler, data):
        self.db.add(Note(text="authenticated"))  # is: SESSION attribute
        self.db.commit()
        return data["username"]


class NoteHandler(BaseHandler):
    async def prepare(self):
        pass

    async def get(self):
        self.db.add(Note(text="handled"))  # is: SESSION attribute
        self.db.commit()
        names = Names(db=self.db)
        self.finish(await names.authenticate(self, {"username": "ann"}))


async def play() -> None:
    hub = JupyterHub(db_url=os.environ["DATABASE_URL"])
    hub.init_db()
    socket, port = bind_unused_port()
    told = {"db": hub.db, "hub": SimpleNamespace(base_url="/")}
    server = HTTPServer(Application([("/", NoteHandler)], **told))
    server.add_socket(socket)
    answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/")
    assert answer.body == b"ann"
    server.stop()
    hub.db.close()


def main() -> None:
    os.chdir(tempfile.mkdtemp())
    asyncio.run(play())
