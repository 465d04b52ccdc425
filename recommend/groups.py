"""The groups in which learned evidence is weighed and shown; a piece of evidence is named "group/feature"."""

#: in the order of the contributions
GROUPS = (
    "close-content",
    "text",
    "sectors",
    "classification",
    "level",
    "moves-around",
    "common-mobilities",
    "classes-move",
)


def group_of(name: str) -> str:
    """The group of an evidence named "group/feature"."""
    return name.split("/", 1)[0]
