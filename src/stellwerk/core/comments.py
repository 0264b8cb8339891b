"""Comments with Markdown and mentions on every entity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stellwerk.core.db import Fold, fold
from stellwerk.core.errors import FieldConflict, Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import Comment, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import entity_type
from stellwerk.core.services import record
from stellwerk.core.text import render_markdown, without_control
from stellwerk.core.watching import watchers

LONGEST = 10_000
_AT = re.compile(r"(?<![\w@./])@([^\W\d_][\w.'’-]*)", re.UNICODE)
_WORD = re.compile(r"[\w.'’-]+", re.UNICODE)
_TAG = re.compile(r"(<[^>]*>)")


@dataclass(frozen=True)
class Mention:
    """A name after @ in a text, and whom it means."""

    start: int
    end: int
    written: str
    user: User


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def comments_of(obj: models.Model) -> models.QuerySet[Comment]:
    return (
        Comment.objects.filter(entity_type=obj._meta.label_lower, entity_id=obj.pk)
        .select_related("author")
        .prefetch_related("mentions")
    )


def mentionable(obj: models.Model, query: str, limit: int = 8) -> list[User]:
    """Active users whose name starts (a word of it) with ``query`` and who may see ``obj``."""
    text = fold(query.strip()) or ""
    rows: models.QuerySet[Any] = User.objects.filter(is_active=True).annotate(folded=Fold("name"))
    if text:
        rows = rows.filter(Q(folded__startswith=text) | Q(folded__contains=f" {text}") | Q(email__istartswith=text))
    found: list[User] = []
    for user in rows.prefetch_related("grants")[:60]:
        if can(user, entity_type(obj).talk, obj):
            found.append(user)
            if len(found) == limit:
                break
    return found


def mentions_in(text: str) -> list[Mention]:
    """Who is meant by ``@Petra Brandt``, ``@Petra`` (if only one has that name) or ``@petra.brandt``.

    Raises ``Invalid`` where several people could be meant; a name that nobody has stays plain text.
    """
    hits = list(_AT.finditer(text))
    if not hits:
        return []
    firsts = {fold(hit[1].rstrip(".'’-").split(".")[0]) or "" for hit in hits}
    query = Q()
    for first in firsts:
        query |= Q(folded__startswith=first) | Q(folded__contains=f" {first}") | Q(email__istartswith=first)
    rows: models.QuerySet[Any] = User.objects.filter(is_active=True).annotate(folded=Fold("name"))
    people: list[User] = list(rows.filter(query))
    return [found for hit in hits if (found := _meant(text, hit, people)) is not None]


def _meant(text: str, hit: re.Match[str], people: list[User]) -> Mention | None:
    words = [(word[0], word.end()) for word in _WORD.finditer(text, hit.start(1))][:5]
    best: tuple[int, list[User], int] = (0, [], 0)
    for user in people:
        length, end = _matching(user, text, hit, words)
        if length > best[0]:
            best = (length, [user], end)
        elif length and length == best[0]:
            best[1].append(user)
    length, users, end = best
    if not users:
        return None
    written = text[hit.start() : end]
    if len(users) > 1:
        raise Invalid(
            {
                "text": [
                    _("“%(name)s” could be %(people)s: please write the full name.")
                    % {"name": written, "people": _(" or ").join(str(user) for user in users[:4])}
                ]
            }
        )
    return Mention(hit.start(), end, written, users[0])


def _matching(user: User, text: str, hit: re.Match[str], words: list[tuple[str, int]]) -> tuple[int, int]:
    """(how many words of the name stand here, where they end); (0, 0) if it is not this user."""
    local = fold(user.email.split("@")[0]) or ""
    first_written = fold(words[0][0].rstrip(".'’-")) or ""
    if first_written in {local, local.replace(".", "_")}:
        return 9, words[0][1] - (len(words[0][0]) - len(words[0][0].rstrip(".'’-")))
    name = [fold(part) or "" for part in user.name.split()]
    for start in range(len(name)):
        count, end = 0, 0
        for part, (word, at) in zip(name[start:], words, strict=False):
            bare = word.rstrip(".'’-")
            gap = text[end:at] if count else ""
            if (fold(bare) or "") != part or (count and gap.strip() != word):
                break
            count, end = count + 1, at - (len(word) - len(bare))
            if bare != word:
                break
        if count and (count == len(name) - start or start == 0):
            return count, end
    return 0, 0


def rendered(comment: Comment) -> SafeString:
    """The comment as safe HTML with its mentions marked."""
    html = str(render_markdown(comment.text))
    names = sorted({user.name for user in comment.mentions.all()}, key=len, reverse=True)
    if not names:
        return SafeString(html)
    forms = [escape(name) for name in names] + [escape(name.split()[0]) for name in names if name.split()]
    pattern = re.compile("@(" + "|".join(re.escape(form) for form in forms) + r")(?!\w)")
    parts = [
        part if part.startswith("<") else pattern.sub(r'<b class="mention">@\1</b>', part) for part in _TAG.split(html)
    ]
    return mark_safe("".join(parts))  # noqa: S308 - sanitised Markdown; only escaped names are put in


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def add_comment(obj: models.Model, *, text: str, by: User, reply_to: Comment | None = None) -> Comment:
    """Write a comment; tells the mentioned, and those who watch the entity.

    Errors: ``NotAllowed``; ``Invalid`` at ``text`` (empty, too long, unclear name, somebody who may not see the entity).
    """
    kind = entity_type(obj)
    if not kind.comments:
        raise Refused(_("There are no comments on this kind of entry."))
    require(by, "view", obj)
    require(by, "comment", obj)
    clean = _checked(text)
    people = _checked_mentions(clean, obj)
    if reply_to is not None and (reply_to.entity_type, reply_to.entity_id) != (obj._meta.label_lower, obj.pk):
        raise Invalid({"text": [_("The comment that you answer belongs to another entry.")]})
    with transaction.atomic():
        comment = Comment.objects.create(
            entity_type=obj._meta.label_lower, entity_id=obj.pk, author=by, text=clean, reply_to=reply_to
        )
        comment.mentions.set(people)
        record(obj, by=by, verb="comment", changes={"comment": [None, clean[:300]]})
        _tell(obj, comment, by, people, others=True)
    return comment


def edit_comment(comment: Comment, *, text: str, by: User, version: int | None = None) -> Comment:
    """Change one's own comment; only newly mentioned people are told. Errors as above, and ``StaleEdit``."""
    obj = target_of(comment)
    require(by, "view", obj)
    if comment.author_id != by.pk:
        raise NotAllowed(_("Only the author can change a comment."))
    if comment.withdrawn_at is not None:
        raise Refused(_("This comment has been withdrawn."))
    clean = _checked(text)
    people = _checked_mentions(clean, obj)
    with transaction.atomic():
        current = Comment.objects.select_for_update().get(pk=comment.pk)
        if version is not None and current.version != version:
            conflict = FieldConflict("text", str(_("comment")), yours=clean, theirs=current.text)
            raise StaleEdit([conflict], current.version, str(by))
        if current.text == clean:
            return current
        Comment.objects.filter(pk=current.pk).update(text=clean, version=F("version") + 1, updated_at=timezone.now())
        known = set(current.mentions.values_list("pk", flat=True))
        current.mentions.set(people)
        record(obj, by=by, verb="comment_edit", changes={"comment": [current.text[:300], clean[:300]]})
        current.refresh_from_db()
        _tell(obj, current, by, [user for user in people if user.pk not in known], others=False)
    return current


def withdraw_comment(comment: Comment, *, by: User) -> Comment:
    """Withdraw a comment (the author, or who may archive the entity); the place stays, the text is no longer shown."""
    obj = target_of(comment)
    require(by, "view", obj)
    if not may_withdraw(comment, obj, by):
        raise NotAllowed(_("Only the author, or who manages this entry, can withdraw a comment."))
    with transaction.atomic():
        hit = Comment.objects.filter(pk=comment.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=timezone.now(), version=F("version") + 1
        )
        if hit:
            record(obj, by=by, verb="comment_withdraw")
    comment.refresh_from_db()
    return comment


def may_withdraw(comment: Comment, obj: models.Model, user: User) -> bool:
    return comment.withdrawn_at is None and (comment.author_id == user.pk or can(user, "archive", obj))


def target_of(reference: Any) -> models.Model:
    """The entity that a comment or an attachment stands on."""
    return entity_type(reference.entity_type).model._default_manager.get(pk=reference.entity_id)


def _checked(text: str) -> str:
    clean = without_control(text.replace("\r\n", "\n")).strip()
    if not clean:
        raise Invalid({"text": [_("Please write something.")]})
    if len(clean) > LONGEST:
        raise Invalid({"text": [_("A comment has at most %(count)s characters.") % {"count": LONGEST}]})
    return clean


def _checked_mentions(text: str, obj: models.Model) -> list[User]:
    people: dict[int, User] = {}
    refused = []
    for mention in mentions_in(text):
        if can(mention.user, entity_type(obj).talk, obj):
            people[mention.user.pk] = mention.user
        else:
            refused.append(str(mention.user))
    if refused:
        raise Invalid(
            {
                "text": [
                    _(
                        "%(names)s may not see “%(entity)s” and would not learn of it: leave the name out, or ask the PMO for access."
                    )
                    % {"names": ", ".join(dict.fromkeys(refused)), "entity": obj}
                ]
            }
        )
    return list(people.values())


def _tell(obj: models.Model, comment: Comment, by: User, mentioned: list[User], *, others: bool) -> None:
    told = {user.pk for user in mentioned} | {by.pk}
    notify(
        [user for user in mentioned if user.pk != by.pk],
        kind="mention",
        title=lambda: _("%(name)s mentions you in “%(entity)s”") % {"name": by, "entity": obj},
        text=comment.text[:300],
        obj=obj,
        url=comment_url(obj, comment),
    )
    if others:
        notify(
            [user for user in watchers(obj, entity_type(obj).talk) if user.pk not in told],
            kind="comment",
            title=lambda: _("%(name)s has commented on “%(entity)s”") % {"name": by, "entity": obj},
            text=comment.text[:300],
            obj=obj,
            url=comment_url(obj, comment),
            mail=False,
        )


def comment_url(obj: models.Model, comment: Comment) -> str:
    from django.urls import reverse

    from stellwerk.core.registry import url_of

    page = url_of(obj) or reverse("core:comments", args=[obj._meta.label_lower, obj.pk])
    return f"{page}#comment-{comment.pk}"
