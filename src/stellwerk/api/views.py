"""One's own API tokens: create (the secret is shown once), revoke; and a page that explains the API."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core.access import actor, signed_in
from stellwerk.core.api.auth import create_token, revoke_token
from stellwerk.core.models import ApiToken


class TokenForm(forms.Form):
    """Name, what it may do, how long it counts."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("What it is for, for example “Power BI”.")
    )
    scope = forms.ChoiceField(
        label=pgettext_lazy("permission", "May"),
        choices=[("read", gettext_lazy("read")), ("write", gettext_lazy("read and write"))],
        help_text=gettext_lazy("Never more than you may do yourself."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        choices=[(30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("one year"))],
        initial=90,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """List and create; the new secret is shown on this answer only and never stored."""
    user = actor(request)
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        _token, secret = create_token(user=user, by=user, name=data["name"], scopes=[data["scope"]], days=data["days"])
        form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.filter(user=user, revoked_at__isnull=True),
        "base": request.build_absolute_uri("/api/v1/"),
    }
    answer = render(request, "api/tokens.html", context)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    token = get_object_or_404(ApiToken, pk=pk, user=user)
    revoke_token(token, by=user)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("tokens:list")
