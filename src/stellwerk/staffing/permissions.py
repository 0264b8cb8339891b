"""Who may do what with clients, partners, profiles, vacancies, matches and contracts (rows of the one permission table).

Recruiters run staffing; another person approves vacancies and contracts. Partners see what is shared with them and their own candidates,
clients their own vacancies and whom they may know, candidates themselves. None of these three ever sees a budget.
"""

from stellwerk.core.permissions import allow

CLIENT, PARTNER, PROFILE, VACANCY, MATCH, CONTRACT = (
    "staffing.client", "staffing.partner", "staffing.profile", "staffing.vacancy", "staffing.match", "staffing.contract",
)  # fmt: skip
WEIGHTS, BAND, LOG, BIAS = "staffing.weightset", "staffing.payband", "staffing.scorelog", "staffing.disclosure"

# Recruiters run it.
for entity in (CLIENT, PARTNER, PROFILE):
    allow("recruiter", "O", entity, "view create edit archive comment export")
allow("recruiter", "O", PROFILE, "erase")
allow("recruiter", "O", VACANCY, "view create edit approve archive comment export rates publish share")
allow("recruiter", "O", MATCH, "view create edit confirm comment export")
allow("recruiter", "O", CONTRACT, "view create edit approve archive comment export rates pay margin")
allow("recruiter", "O", WEIGHTS, "view create edit")
allow("recruiter", "O", BAND, "view create edit")
allow("recruiter", "O", LOG, "view export")

# The PMO looks on, approves, and keeps the method.
for entity in (CLIENT, PARTNER, PROFILE):
    allow("pmo_lead", "O", entity, "view comment export")
allow("pmo_lead", "O", VACANCY, "view create edit approve comment export publish share")
allow("pmo_lead", "O", MATCH, "view comment export")
allow("pmo_lead", "O", CONTRACT, "view approve comment export")
allow("pmo_lead", "O", WEIGHTS, "view create edit switch")
allow("pmo_lead", "O", LOG, "view export")
allow("pmo_lead", "O", BIAS, "view")
for entity in (CLIENT, PARTNER, VACANCY):
    allow("pmo_analyst", "O", entity, "view comment export")

# Projects raise vacancies from their demands and see what comes of them; line managers see those of their units.
for role, scopes in (("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS")):
    allow(role, scopes, VACANCY, "view edit comment")
for role, scopes in (("sponsor", "FGPS"), ("executive", "OF")):
    allow(role, scopes, VACANCY, "view comment")
allow("resource_manager", "U", VACANCY, "view edit comment")

# Controllers see money and contracts, and approve what a contract costs.
for entity in (CLIENT, PARTNER):
    allow("controller", "O", entity, "view comment export")
allow("controller", "O", VACANCY, "view comment export rates")
allow("controller", "O", CONTRACT, "view approve comment export rates pay margin")

# The works council and auditors read how matching decides.
for entity in (WEIGHTS, LOG, BIAS):
    allow("auditor", "O", entity, "view")

# Outside: own candidates, own vacancies, oneself.
allow("staffing_partner", "S", PARTNER, "view")
allow("staffing_partner", "S", VACANCY, "view", state=("published", "on_hold", "filled"))
allow("staffing_partner", "S", PROFILE, "view create edit")
allow("staffing_partner", "S", MATCH, "view create answer")  # for its candidates, as by the link in its mail
# Contracts once they are sent: the partner sees its own price, the client what it pays, the candidate their own terms. What a partner
# gets for somebody is not what they get.
_SENT = ("sent", "signed", "active", "extended", "ended", "terminated")
allow("staffing_partner", "S", CONTRACT, "view pay", state=_SENT)
allow("client_contact", "S", CLIENT, "view edit")
allow("client_contact", "S", VACANCY, "view create edit")
allow("client_contact", "S", MATCH, "view answer", state=("contacted", "one_yes", "both_yes", "conversation", "contract", "ended", "declined", "expired"))  # fmt: skip
allow("client_contact", "S", CONTRACT, "view rates", state=_SENT)
allow("client_contact", "S", CONTRACT, "pay", state=_SENT, form=("permanent",))
allow("candidate", "S", PROFILE, "view edit export erase")
allow("candidate", "S", MATCH, "view answer", state=("contacted", "one_yes", "both_yes", "conversation", "contract", "ended", "declined", "expired"))  # fmt: skip
allow("candidate", "S", CONTRACT, "view", state=_SENT)
allow("candidate", "S", CONTRACT, "pay", state=_SENT, partner_id=(None,))
