"""Routes of the pages that every entity shares."""

from django.urls import path

from stellwerk.core.views import audit, changes, entities, findings, home, merging, searching, talk

app_name = "core"
urlpatterns = [
    path("", home.my_day, name="home"),
    path("search/", searching.results, name="search"),
    path("search/palette", searching.palette_json, name="palette"),
    path("lookup/<str:label>", entities.lookup, name="lookup"),
    path("entity/<str:label>/<int:pk>/step/<str:step>", entities.transition, name="transition"),
    path("entity/<str:label>/<int:pk>/history", entities.history, name="history"),
    path("entity/<str:label>/<int:pk>/archive", entities.archive, name="archive"),
    path("entity/<str:label>/<int:pk>/restore", entities.restore, name="restore"),
    path("entity/<str:label>/<int:pk>/watch", entities.watch_toggle, name="watch"),
    path("entity/<str:label>/<int:pk>/comments", talk.comments, name="comments"),
    path("entity/<str:label>/<int:pk>/mentionable", talk.mentionable_people, name="mentionable"),
    path("entity/<str:label>/<int:pk>/attachments", talk.attachments, name="attachments"),
    path("entity/<str:label>/<int:pk>/merge", merging.start, name="merge-start"),
    path("entity/<str:label>/<int:pk>/merge/<int:other>", merging.compare_page, name="merge"),
    path("entity/<str:label>/<int:pk>/findings", findings.of_entity, name="entity-findings"),
    path("comments/<int:pk>/edit", talk.comment_edit, name="comment-edit"),
    path("comments/<int:pk>/withdraw", talk.comment_withdraw, name="comment-withdraw"),
    path("files/<uuid:uid>", talk.download, name="download"),
    path("files/<uuid:uid>/remove", talk.attachment_remove, name="attachment-remove"),
    path("duplicates/<str:label>", merging.duplicates, name="duplicates"),
    path("changes/", changes.changeset_list, name="changesets"),
    path("changes/<uuid:uid>", changes.changeset_detail, name="changeset"),
    path("changes/<uuid:uid>/undo", changes.changeset_undo, name="changeset-undo"),
    path("changes/<uuid:uid>/discard", changes.changeset_discard, name="changeset-discard"),
    path("findings/", findings.finding_list, name="findings"),
    path("audit/", audit.audit_list, name="audit"),
    path("audit/export.<str:form>", audit.audit_export, name="audit-export"),
]
