"""Routes of profiles."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import profiles, profiles_own, profiles_public

URLS: list[URLPattern] = [
    path("join/", profiles_public.join, name="join"),
    path("join/sent", profiles_public.join_sent, name="join-sent"),
    path("join/applicant", profiles_public.join_applicant, name="join-applicant"),
    path("join/freelancer", profiles_public.join_freelancer, name="join-freelancer"),
    path("join/confirm/<str:token>", profiles_public.join_confirm, name="join-confirm"),
    path("advice/", profiles_public.advice, name="advice"),
    path("advice/contract", profiles_public.contract_finder, name="contract-finder"),
    path("advice/freelancers", profiles_public.freelancers, name="freelancers"),
    path("advice/profile", profiles_public.profile_check, name="profile-check"),
    path("legal/", profiles_public.legal, name="legal"),
    path("privacy/", profiles_public.privacy, name="privacy"),
    path("texts/", profiles_public.texts_edit, name="public-texts"),
    path("consent/<str:token>", profiles_public.consent, name="consent"),
    path("me/", profiles_own.me, name="me"),
    path("profiles/", profiles.profile_list, name="profile-list"),
    path("profiles/new", profiles.profile_create, name="profile-create"),
    path("profiles/from-cv", profiles.profile_from_cv, name="profile-from-cv"),
    path("profiles/<path:key>/edit", profiles.profile_edit, name="profile-edit"),
    path("profiles/<path:key>/cv", profiles.profile_cv, name="profile-cv"),
    path("profiles/<path:key>/cv/<uuid:uid>", profiles.profile_review, name="profile-review"),
    path("profiles/<path:key>/consents", profiles_own.profile_consents, name="profile-consents"),
    path("profiles/<path:key>/data", profiles_own.profile_data, name="profile-data"),
    path("profiles/<path:key>/erase", profiles_own.profile_erase, name="profile-erase"),
    path("profiles/<path:key>", profiles.profile_detail, name="profile-detail"),
]
