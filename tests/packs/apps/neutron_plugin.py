"""A plug-in for OpenStack Networking: its facade and its context are neutron-lib's."""

from __future__ import annotations

from neutron_lib import context as n_context
from neutron_lib.db import api as db_api
from sqlalchemy import text


@db_api.CONTEXT_READER
def listed(context):
    return context.session.execute(text("select 1")).all()  # is: SESSION managed


class Plugin:
    @db_api.retry_if_session_inactive()
    def create(self, context, body):
        with db_api.CONTEXT_WRITER.using(context):
            context.session.add(body)  # is: SESSION managed
            return self._store(context, body)

    @classmethod
    @db_api.CONTEXT_WRITER
    def stored(cls, context, body):
        context.session.merge(body)  # is: SESSION managed

    def _store(self, context, body):
        context.session.flush()  # is: SESSION managed

    def maintain(self):
        admin = n_context.get_admin_context()
        admin.session.commit()  # is: SESSION managed
        admin.elevated().session.commit()  # is: SESSION managed


def annotated(context: n_context.Context):
    context.session.rollback()  # is: SESSION managed
