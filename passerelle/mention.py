"""What a public body owes whom an algorithm helped to advise: that it did, for what, and how to ask by which rules.

Code des relations entre le public et l'administration, art. L. 311-3-1 and R. 311-3-1-1: the mention gives the purpose,
recalls the right to the rules and main characteristics, and says how to use it and how to turn to the CADA. A request
without an answer is refused after a month (R. 311-13). docs/conformite.md says where it is shown.
"""

from passerelle.settings import Settings
from records.shown import AnswerKind

_WHAT: dict[AnswerKind, str] = {
    "recommendations": "des métiers proposés d'après des métiers exercés, des compétences et des souhaits",
    "potential": "des bassins d'emploi où les métiers visés seraient recherchés",
    "gap": "ce qui sépare d'un métier",
    "matches": "des offres d'emploi rapprochées d'un profil",
}
_NOBODY = "l'organisme qui utilise cet outil"


def mention(kind: AnswerKind, settings: Settings) -> str:
    """The mention of an answer of this kind, in French, with whom to ask (``PASSERELLE_MENTION_CONTACT``)."""
    whom = settings.mention_contact or _NOBODY
    return (
        f"Établi avec l'aide d'un traitement algorithmique ({_WHAT[kind]}), pour préparer un échange avec un "
        "conseiller ; rien n'est décidé automatiquement. Ses règles, ses principales caractéristiques et leur "
        f"application à une situation : sur demande à {whom} (CRPA, art. L. 311-3-1). Après un refus, ou un mois sans "
        "réponse : la CADA (cada.fr)."
    )
