"""What a generated population assumes where nothing is published: every rate by its name (docs/population.md)."""

from dataclasses import dataclass

#: years in an occupation, and levels of a skill, as ``records.forms`` has them
YEARS = ("0-2", "3-5", "6+")
LEVELS = ("beginner", "independent", "expert")
ORIGINS = ("declared", "inferred", "confirmed")
CONTRACTS = ("CDI", "CDD")
Shares = tuple[float, ...]


@dataclass(frozen=True)
class Rates:
    """Assumptions, none of them a published figure. Shares are in [0, 1] and add up to 1 where they are several."""

    #: seekers who had a second occupation, and of all a third; drawn from ROME's mobilities from or to the first
    second_occupation: float = 0.40
    third_occupation: float = 0.15
    #: of each past occupation: 0-2, 3-5 and 6+ years
    years: Shares = (0.40, 0.25, 0.35)
    #: skills held: this many, and a Poisson number of mean ``more_skills`` beside
    least_skills: int = 4
    more_skills: float = 8.0
    #: seekers who hold one skill of any other trade
    other_skill: float = 0.40
    #: how likely a skill is drawn, by its importance: core, emerging, other; times this for a certification
    importance: Shares = (1.0, 0.6, 0.4)
    certification: float = 0.3
    #: of the second and third occupations, how likely a skill is drawn beside one of the first
    earlier_occupation: float = 0.5
    #: level of a skill after 0-2, 3-5 and 6+ years; and how often nobody said
    levels: tuple[Shares, Shares, Shares] = ((0.60, 0.35, 0.05), (0.20, 0.60, 0.20), (0.05, 0.45, 0.50))
    level_blank: float = 0.25
    #: how a skill is known: declared, inferred, confirmed
    origins: Shares = (0.70, 0.20, 0.10)
    #: seekers who refuse one context of work, two, three; of the conditions, hours and places alone, all alike
    refusals: Shares = (0.20, 0.10, 0.05)
    #: kilometres that a seeker would go, and their shares; and how often nobody said
    reach_km: tuple[int, ...] = (10, 20, 30, 50, 100)
    reach: Shares = (0.20, 0.30, 0.25, 0.20, 0.05)
    reach_blank: float = 0.20
    #: skills asked by an offer: this many and a Poisson number beside; offers that name none
    least_asked: int = 3
    more_asked: float = 3.0
    asked_blank: float = 0.30
    #: asked skills that are a must: of those that ROME calls core, and of the others
    must_core: float = 0.60
    must_other: float = 0.25
    #: offers without contract, without wage; deviation of the log of a wage around its family's published median
    contract_blank: float = 0.02
    wage_blank: float = 0.50
    wage_deviation: float = 0.20


#: types of ROME's work contexts that a person may refuse here: conditions and risks, hours, places and travel
REFUSABLE = ("1", "2", "3")
