"""Comments and files of every entity."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import actor, signed_in
from stellwerk.core.attachments import attach, attachments_of, remove_attachment
from stellwerk.core.comments import add_comment, edit_comment, mentionable, withdraw_comment
from stellwerk.core.errors import Invalid, Refused, StaleEdit
from stellwerk.core.models import Attachment, Comment
from stellwerk.core.pages.forms import go
from stellwerk.core.pages.panels import context_of
from stellwerk.core.registry import ENTITIES
from stellwerk.core.views.shared import back, done, entity, number, page_of, said


def _show(request: HttpRequest, name: str, obj: Any, status: int = 200, **more: Any) -> HttpResponse:
    """The panel alone for htmx, else as a page of its own."""
    context = context_of(name, obj, actor(request), request) | more | {"panel": name}
    template = f"core/panel_{name}.html" if getattr(request, "htmx", False) else "core/panel_page.html"
    return render(request, template, context, status=status)


def _spoken_of(request: HttpRequest, label: str, pk: int) -> Any:
    """The entity whose comments and files the user may read."""
    kind = ENTITIES.get(label)
    return entity(request, label, pk, kind.talk if kind is not None else "view")


# ── comments ─────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def comments(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    obj = _spoken_of(request, label, pk)
    if request.method != "POST":
        return _show(request, "comments", obj)
    text = request.POST.get("text", "")
    try:
        comment = add_comment(obj, text=text, by=actor(request))
    except Refused as refusal:
        return _show(request, "comments", obj, refusal.status, text=text, error=said(refusal))
    if getattr(request, "htmx", False):
        return _show(request, "comments", obj)
    return go(request, f"{back(request, page_of(obj))}#comment-{comment.pk}")


def _comment(request: HttpRequest, pk: int) -> tuple[Comment, Any]:
    comment = get_object_or_404(Comment, pk=pk)
    return comment, _spoken_of(request, comment.entity_type, comment.entity_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def comment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    comment, obj = _comment(request, pk)
    context: dict[str, Any] = {"object": obj, "comment": comment, "text": comment.text, "version": comment.version}
    if request.method != "POST":
        if comment.author_id != actor(request).pk:
            raise Http404
        return render(request, "core/comment_form.html", context)
    context["text"] = request.POST.get("text", "")
    try:
        edit_comment(comment, text=context["text"], by=actor(request), version=number(request.POST.get("version")))
    except StaleEdit as refusal:
        context |= {"stale": refusal, "theirs": refusal.conflicts[0].theirs, "version": refusal.current_version}
        return render(request, "core/comment_form.html", context, status=refusal.status)
    except Refused as refusal:
        return render(request, "core/comment_form.html", context | {"error": said(refusal)}, status=refusal.status)
    return done(request, _("The comment has been changed."), f"{page_of(obj)}#comment-{comment.pk}")


@require_POST
@signed_in
def comment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    comment, obj = _comment(request, pk)
    withdraw_comment(comment, by=actor(request))
    if getattr(request, "htmx", False):
        return _show(request, "comments", obj)
    return done(request, _("The comment has been withdrawn."), back(request, page_of(obj)))


@require_safe
@signed_in
def mentionable_people(request: HttpRequest, label: str, pk: int) -> JsonResponse:
    """Names for @ in a comment: only people who may see the entity."""
    obj = _spoken_of(request, label, pk)
    people = mentionable(obj, request.GET.get("q", "")[:60])
    return JsonResponse({"results": [{"value": user.name, "label": user.name, "hint": ""} for user in people]})


# ── files ────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def attachments(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """The files of an entity; POST adds one or several, each judged for itself."""
    obj = _spoken_of(request, label, pk)
    if request.method != "POST":
        return _show(request, "attachments", obj)
    files = request.FILES.getlist("file")
    errors = [] if files else [_("Please choose a file.")]
    status, added = 422 if errors else 200, 0
    known = set(attachments_of(obj).values_list("pk", flat=True))
    for file in files:
        try:
            added += attach(obj, file=file, by=actor(request)).pk not in known
        except Invalid as refusal:
            status = refusal.status
            errors.append(f"{file.name}: {said(refusal)}")
        except Refused as refusal:
            status = refusal.status
            errors.append(said(refusal))
    if errors or getattr(request, "htmx", False):
        return _show(request, "attachments", obj, status, errors=errors)
    text = _("The file has been added.") if added else _("This file is here already: it is kept once.")
    return done(request, text, back(request, page_of(obj)))


def _attachment(request: HttpRequest, uid: uuid.UUID) -> tuple[Attachment, Any]:
    file = get_object_or_404(Attachment, uid=uid, removed_at__isnull=True)
    return file, _spoken_of(request, file.entity_type, file.entity_id)


@require_safe
@signed_in
def download(request: HttpRequest, uid: uuid.UUID) -> FileResponse:
    """A file, always as a download, in a sandbox, and only for who may see its entity."""
    file, _obj = _attachment(request, uid)
    try:
        content = file.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is missing in the storage. Ask your administrator for the backup.")) from None
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
@signed_in
def attachment_remove(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    file, obj = _attachment(request, uid)
    remove_attachment(file, by=actor(request))
    if getattr(request, "htmx", False):
        return _show(request, "attachments", obj)
    return done(request, _("“%(name)s” has been removed.") % {"name": file.name}, back(request, page_of(obj)))
