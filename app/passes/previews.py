"""The picture of a link to a conference, as messengers show it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.conferences import service as conferences
from app.web.headers import immutable
from app.web.languages import select as page_language

bp = Blueprint("previews", __name__)


@bp.get("/<slug>/preview-<int:revision>.jpg")
def show(slug: str, revision: int) -> AnyResponse:
    """The picture of this revision of the conference, to be kept for ever; an earlier one leads
    to it."""
    conference = conferences.public_by_slug(slug)
    if revision != conference.revision:
        return redirect(url_for("previews.show", slug=slug, revision=conference.revision), 302)
    from app.passes import face, preview

    picture = preview.render(face.preview_of(conference, page_language()))
    return immutable(Response(picture, mimetype="image/jpeg"))
