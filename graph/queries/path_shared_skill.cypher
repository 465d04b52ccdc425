// Quelle compétence, tenue d'un métier passé ou déclarée, le métier proposé demande-t-il ?
// parameters: past (list), to (string), skill (string)
// columns: past, skill, importance, occupation
MATCH (skill:Skill {codeOgr: $skill})<-[asked:REQUIRES]-(to:Occupation {codeRome: $to})
OPTIONAL MATCH (before:Occupation)-[:REQUIRES]->(skill)
WHERE before.codeRome IN $past
RETURN before.label AS past, skill.label AS skill, asked.importance AS importance, to.label AS occupation
ORDER BY past
