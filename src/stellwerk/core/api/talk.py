"""Comments, files and watching of an entity in the API: the same services and limits as on its page."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from stellwerk.core.access import actor
from stellwerk.core.api.once import once
from stellwerk.core.api.schemas import PROBLEMS, READ_PROBLEMS, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.attachments import attach, attachments_of
from stellwerk.core.comments import LONGEST, add_comment, comments_of
from stellwerk.core.errors import Invalid
from stellwerk.core.models import Attachment, Comment
from stellwerk.core.registry import entity_type
from stellwerk.core.watching import is_watching, unwatch, watch

if TYPE_CHECKING:
    from stellwerk.core.api.declare import Resource

FILE = File(..., description="One file.")  # type: ignore[type-arg]


class CommentIn(Strict):
    text: str = Field(..., min_length=1, max_length=LONGEST, description="Markdown; @Name mentions somebody.")
    reply_to: int | None = None


class CommentOut(Schema):
    id: int
    version: int
    author: str
    text: str = Field(..., description="Empty once it is withdrawn.")
    mentions: list[str]
    reply_to: int | None
    created_at: dt.datetime
    updated_at: dt.datetime
    withdrawn: bool


class FileOut(Schema):
    uid: UUID
    name: str
    size: int
    content_type: str
    sha256: str
    uploaded_by: str
    uploaded_at: dt.datetime
    url: str = Field(..., description="Where the content is: send the same token.")


class WatchOut(Schema):
    watching: bool


def comment_shown(comment: Comment) -> dict[str, Any]:
    gone = comment.withdrawn_at is not None
    return {
        "id": comment.pk,
        "version": comment.version,
        "author": str(comment.author),
        "text": "" if gone else comment.text,
        "mentions": [] if gone else [str(user) for user in comment.mentions.all()],
        "reply_to": comment.reply_to_id,
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
        "withdrawn": gone,
    }


def file_shown(file: Attachment) -> dict[str, Any]:
    return {
        "uid": file.uid,
        "name": file.name,
        "size": file.size,
        "content_type": file.content_type,
        "sha256": file.digest,
        "uploaded_by": str(file.uploaded_by),
        "uploaded_at": file.uploaded_at,
        "url": f"/api/v1/files/{file.uid}/content",
    }


def add_routes(router: Router, resource: "Resource") -> None:
    """What people say about an entity and put beside it, where its kind allows it."""
    kind = entity_type(resource.label)
    if kind.comments:
        _comment_routes(router, resource)
        _watch_routes(router, resource)
    if kind.attachments:
        _file_routes(router, resource)


def _comment_routes(router: Router, resource: "Resource") -> None:
    path = f"/{resource.path}/{{key}}/comments"
    talk = entity_type(resource.label).talk
    key_type: Any = resource.key_type

    @router.get(
        path, response={200: list[CommentOut], **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"comments_{resource.ident}", summary="Comments, the oldest first",
    )  # fmt: skip
    def comments(request: HttpRequest, key: key_type) -> Any:
        return [comment_shown(row) for row in comments_of(resource.one(request, key, talk, "read"))]

    @router.post(
        path, response={201: CommentOut, **PROBLEMS}, tags=resource.tags,
        operation_id=f"comment_{resource.ident}", summary="Write a comment",
    )  # fmt: skip
    @once
    def comment(request: HttpRequest, key: key_type, data: CommentIn) -> Any:
        obj = resource.one(request, key, talk, "write")
        refuse_unstorable("text", data.text)
        answered = comments_of(obj).filter(pk=data.reply_to).first() if data.reply_to else None
        if data.reply_to and answered is None:
            raise Invalid({"reply_to": [_("The comment that you answer belongs to another entry.")]})
        return Status(201, comment_shown(add_comment(obj, text=data.text, by=actor(request), reply_to=answered)))


def _file_routes(router: Router, resource: "Resource") -> None:
    path = f"/{resource.path}/{{key}}/files"
    talk = entity_type(resource.label).talk
    key_type: Any = resource.key_type

    @router.get(
        path, response={200: list[FileOut], **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"files_{resource.ident}", summary="Attached files, the oldest first",
    )  # fmt: skip
    def files(request: HttpRequest, key: key_type) -> Any:
        return [file_shown(row) for row in attachments_of(resource.one(request, key, talk, "read"))]

    @router.post(
        path, response={201: FileOut, **PROBLEMS}, tags=resource.tags, operation_id=f"attach_{resource.ident}",
        summary="Attach a file (multipart/form-data)",
        description="The same content is kept once. Programs, empty files, and files that belie their name are refused.",
    )  # fmt: skip
    @once
    def attach_file(request: HttpRequest, key: key_type, file: UploadedFile = FILE) -> Any:
        obj = resource.one(request, key, talk, "write")
        return Status(201, file_shown(attach(obj, file=file, by=actor(request))))


def _watch_routes(router: Router, resource: "Resource") -> None:
    path = f"/{resource.path}/{{key}}/watch"
    key_type: Any = resource.key_type

    @router.get(
        path, response={200: WatchOut, **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"watching_{resource.ident}", summary="Do I follow this?",
    )  # fmt: skip
    def watching(request: HttpRequest, key: key_type) -> Any:
        return {"watching": is_watching(resource.one(request, key), actor(request))}

    @router.put(
        path, response={200: WatchOut, **PROBLEMS}, tags=resource.tags, operation_id=f"watch_{resource.ident}",
        summary="Follow this: its news appear in your notifications",
    )  # fmt: skip
    def follow(request: HttpRequest, key: key_type) -> Any:
        watch(resource.one(request, key, scope="write"), by=actor(request))
        return {"watching": True}

    @router.delete(
        path, response={200: WatchOut, **PROBLEMS}, tags=resource.tags, operation_id=f"unwatch_{resource.ident}",
        summary="Follow this no longer",
    )  # fmt: skip
    def leave(request: HttpRequest, key: key_type) -> Any:
        unwatch(resource.one(request, key, scope="write"), by=actor(request))
        return {"watching": False}
