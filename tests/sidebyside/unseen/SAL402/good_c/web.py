import io

from export import SubscriberExport
from flask import Blueprint, Response, abort, current_app, request
from sqltext import UnknownColumn

bp = Blueprint("exports", __name__)


@bp.post("/lists/<int:list_id>/subscribers.csv")
def subscribers(list_id):
    columns = request.form.getlist("column") or ["id", "name"]
    buffer = io.StringIO()
    export = SubscriberExport(current_app.extensions["engine"], columns)
    try:
        export.write(buffer, list_id)
    except UnknownColumn as error:
        abort(400, description=f"no such column: {error}")
    return Response(buffer.getvalue(), mimetype="text/csv")
