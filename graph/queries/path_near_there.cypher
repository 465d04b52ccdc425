// Que partage le métier proposé avec un métier auquel le métier passé mène ?
// parameters: past (list), to (string), via (string)
// columns: past, rank, via, sharedSkills, occupation
MATCH (before:Occupation)-[move:MOVES_TO]->(via:Occupation {codeRome: $via})
WHERE before.codeRome IN $past
MATCH (to:Occupation {codeRome: $to})
OPTIONAL MATCH (via)-[:REQUIRES]->(skill:Skill)<-[:REQUIRES]-(to)
RETURN before.label AS past, move.rank AS rank, via.label AS via, count(skill) AS sharedSkills, to.label AS occupation
ORDER BY past
