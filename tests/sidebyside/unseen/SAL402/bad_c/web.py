import io

from export import MemberExport
from flask import Blueprint, Response, current_app, request

bp = Blueprint("exports", __name__)


@bp.post("/clubs/<int:club_id>/members.csv")
def members(club_id):
    columns = request.form.getlist("column") or ["id", "name"]
    buffer = io.StringIO()
    MemberExport(current_app.extensions["engine"], columns).write(buffer, club_id)
    return Response(buffer.getvalue(), mimetype="text/csv")
