"""What a CV or an exported profile says, read without guessing: the person sees it, corrects it, and only then it counts."""

from stellwerk.staffing.profiles.model import Language, Profile, Skill, Station
from stellwerk.staffing.profiles.reading import read_profile

__all__ = ["Language", "Profile", "Skill", "Station", "read_profile"]
