// Quelle compétence un métier passé et le métier proposé demandent-ils tous deux ?
// parameters: past (list), to (string), skill (string)
// columns: past, skill, importance, occupation
MATCH (held:Occupation)-[:REQUIRES]->(skill:Skill {codeOgr: $skill})<-[asked:REQUIRES]-(to:Occupation {codeRome: $to})
WHERE held.codeRome IN $past
RETURN held.label AS past, skill.label AS skill, asked.importance AS importance, to.label AS occupation
ORDER BY past
