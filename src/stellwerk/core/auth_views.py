"""Set-up of the first administrator, the page for accounts without a role, and the demo's one-click sign-in."""

from __future__ import annotations

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import first_start
from stellwerk.core.access import actor, public, signed_in
from stellwerk.core.auth import DEMO_CAST
from stellwerk.core.errors import Invalid
from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.permissions import roles_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
_hidden = forms.HiddenInput
_new_password = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class SetupForm(forms.Form):
    token = forms.CharField(widget=_hidden, max_length=100)
    name = forms.CharField(
        label=gettext_lazy("First and last name"), max_length=120, widget=forms.TextInput(attrs={"autofocus": True})
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=_new_password, help_text=gettext_lazy("At least 12 characters.")
    )
    again = forms.CharField(label=gettext_lazy("Password once more"), widget=_new_password)

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords differ."))
        return again


@never_cache
@require_http_methods(["GET", "POST"])
@public
def setup(request: HttpRequest) -> HttpResponse:
    """Works only while no account exists, and only with the token that the server printed."""
    if not first_start.nobody_yet():
        raise Http404(_("Stellwerk is set up already."))
    if request.method == "POST" and not ratelimit.consume(request, action="stellwerk_setup"):
        return render(request, "core/auth/setup.html", {"form": None, "slow": True}, status=429)
    token = request.POST.get("token") or request.GET.get("token", "")
    if not first_start.token_counts(token):
        return render(request, "core/auth/setup.html", {"form": None}, status=403)
    form = SetupForm(request.POST or None, initial={"token": token})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = first_start.set_up(token=token, email=data["email"], name=data["name"], password=data["password"])
        except Invalid as error:
            for name, texts in error.errors.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            login(request, user, backend=BACKEND)
            return redirect("/")
    return render(request, "core/auth/setup.html", {"form": form})


@require_safe
@signed_in
def no_roles(request: HttpRequest) -> HttpResponse:
    """You are known, but nobody has given you a role yet."""
    if roles_of(actor(request)):
        return redirect("/")
    ids = Grant.objects.filter(role="administrator", scope=Scope.ORGANISATION).values("user_id")
    names = list(User.objects.filter(pk__in=ids, is_active=True).order_by("name").values_list("name", flat=True)[:5])
    return render(request, "core/auth/no_roles.html", {"administrators": names})


@require_POST
@public
def demo_sign_in(request: HttpRequest, code: str) -> HttpResponse:
    """Sign in as one of the demo's cast; exists in demo mode only."""
    person = next((row for row in DEMO_CAST if row.code == code), None) if settings.DEMO else None
    user = User.objects.filter(email__iexact=person.email, is_active=True).first() if person else None
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)
