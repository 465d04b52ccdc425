// Quelle compétence, tenue d'un métier passé ou déclarée, prépare à une compétence que le métier proposé demande ?
// parameters: past (list), to (string), held (string), skill (string)
// columns: past, held, score, skill, occupation
MATCH (held:Skill {codeOgr: $held})-[alike:SIMILAR_TO]->(skill:Skill {codeOgr: $skill})
MATCH (skill)<-[:REQUIRES]-(to:Occupation {codeRome: $to})
OPTIONAL MATCH (before:Occupation)-[:REQUIRES]->(held)
WHERE before.codeRome IN $past
RETURN before.label AS past, held.label AS held, alike.score AS score, skill.label AS skill, to.label AS occupation
ORDER BY past
