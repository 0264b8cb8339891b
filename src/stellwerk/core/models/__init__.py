"""Tables of the core."""

from stellwerk.core.models.base import Confidentiality, Entity, EntityReference, KeySequence, Versioned, jsonable
from stellwerk.core.models.daily import Attachment, Comment, Mail, MailState, Notification, SavedView, Setting, Watch
from stellwerk.core.models.history import AuditEntry, ChangeItem, ChangeSet, ChangeSetState, Snapshot
from stellwerk.core.models.jobs import Job, JobState, Schedule, WorkerBeat
from stellwerk.core.models.users import ApiReply, ApiToken, Digest, Grant, Scope, Theme, User

__all__ = [
    "ApiReply",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "ChangeItem",
    "ChangeSet",
    "ChangeSetState",
    "Comment",
    "Confidentiality",
    "Digest",
    "Entity",
    "EntityReference",
    "Grant",
    "Job",
    "JobState",
    "KeySequence",
    "Mail",
    "MailState",
    "Notification",
    "SavedView",
    "Schedule",
    "Scope",
    "Setting",
    "Snapshot",
    "Theme",
    "User",
    "Versioned",
    "Watch",
    "WorkerBeat",
    "jsonable",
]
