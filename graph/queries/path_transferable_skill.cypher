// Quelle compétence d'un métier passé prépare à une compétence que le métier proposé demande ?
// parameters: past (list), to (string), held (string), skill (string)
// columns: past, held, score, skill, occupation
MATCH (before:Occupation)-[:REQUIRES]->(held:Skill {codeOgr: $held})-[alike:SIMILAR_TO]->(skill:Skill {codeOgr: $skill})
WHERE before.codeRome IN $past
MATCH (skill)<-[:REQUIRES]-(to:Occupation {codeRome: $to})
RETURN before.label AS past, held.label AS held, alike.score AS score, skill.label AS skill, to.label AS occupation
ORDER BY past
