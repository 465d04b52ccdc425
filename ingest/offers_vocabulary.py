"""The codes and labels of the ROME in use that an offer's own are held against, and the search for what has no code."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from graph.labels import fold
from graph.tables import GraphTables

#: text -> codeOgr of a skill, or codeRome of an occupation; None where nothing is close enough
Find = Callable[[str], str | None]


@dataclass(frozen=True)
class Vocabulary:
    """The codes and labels of the ROME in use.

    skills:      codeOgr -> label
    skill_of:    folded label -> codeOgr, of labels that one skill has
    occupations: codes
    family_of:   codeRome -> ROME 3 code
    titles:      folded title -> the occupations that have it
    """

    skills: Mapping[str, str]
    skill_of: Mapping[str, str]
    occupations: frozenset[str]
    family_of: Mapping[str, str]
    titles: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, tables: GraphTables) -> "Vocabulary":
        """From the tables of a build."""
        skills = tables.nodes["Skill"]
        once = skills[~skills["labelNorm"].duplicated(keep=False)]
        titles = tables.nodes["JobTitle"].merge(tables.relationships["title_of"], left_on="codeOgr", right_on="start")
        families = tables.relationships["in_family"]
        return cls(
            dict(zip(skills["codeOgr"], skills["label"], strict=True)),
            dict(zip(once["labelNorm"], once["codeOgr"], strict=True)),
            frozenset(tables.nodes["Occupation"]["codeRome"]),
            dict(zip(families["start"], families["end"], strict=True)),
            {str(label): tuple(sorted(codes)) for label, codes in titles.groupby("labelNorm")["end"].agg(list).items()},
        )


@dataclass
class Fallback:
    """A search for what has no code; without one, it stays text. Each text is asked once: they come by thousands."""

    vocabulary: Vocabulary
    find_skill: Find | None = None
    find_occupation: Find | None = None
    _found: dict[tuple[bool, str], str | None] = field(default_factory=dict)

    def skill(self, text: str) -> str | None:
        """codeOgr; None where there is no search, or it finds nothing, or a code that the ROME in use has not."""
        return self._search(text, self.find_skill, self.vocabulary.skills)

    def occupation(self, text: str) -> str | None:
        """codeRome, in the same way."""
        return self._search(text, self.find_occupation, self.vocabulary.occupations)

    def _search(self, text: str, find: Find | None, known: Container[str]) -> str | None:
        if find is None or not text:
            return None
        key = (known is self.vocabulary.skills, fold(text))
        if key not in self._found:
            found = find(text)
            self._found[key] = found if found in known else None
        return self._found[key]
