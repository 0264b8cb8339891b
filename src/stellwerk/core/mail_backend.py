"""No mail host is configured: mails stay in the queue, where the administration page shows them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class HoldBackend(BaseEmailBackend):
    """Sends nothing and says so (0 sent), so that the queue keeps the mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return 0
