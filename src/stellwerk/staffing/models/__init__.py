"""Terms, clients and partners, profiles, vacancies, matches, contracts; ESCO as an organisation imports it."""

from stellwerk.staffing.models.clients import Client, ClientContact, Partner, PartnerContact
from stellwerk.staffing.models.contracts import Contract, EarlierStay, Signature
from stellwerk.staffing.models.esco import EscoOccupation, EscoRelation, EscoSkill
from stellwerk.staffing.models.matches import (
    Answer,
    Appointment,
    Disclosure,
    Match,
    ScoreLog,
    TalkNote,
    WeightSet,
)
from stellwerk.staffing.models.profiles import (
    Consent,
    Profile,
    ProfileLanguage,
    ProfileTerm,
    ProfileWish,
    Reading,
    Registration,
    Station,
)
from stellwerk.staffing.models.terms import Term
from stellwerk.staffing.models.vacancies import (
    PayBand,
    SavedSearch,
    Vacancy,
    VacancyLanguage,
    VacancyShare,
    VacancyTerm,
)

__all__ = [
    "Answer", "Appointment", "Client", "ClientContact", "Consent", "Contract", "Disclosure", "EarlierStay", "EscoOccupation", "EscoRelation",
    "EscoSkill", "Match", "Partner", "PartnerContact", "PayBand", "Profile", "ProfileLanguage", "ProfileTerm", "ProfileWish", "Reading",
    "Registration", "SavedSearch", "ScoreLog", "Signature", "Station", "TalkNote", "Term", "Vacancy", "VacancyLanguage",
    "VacancyShare", "VacancyTerm", "WeightSet",
]  # fmt: skip
