// Que partage le métier passé avec un métier proche qui mène au métier proposé ?
// parameters: past (list), to (string), via (string)
// columns: past, sharedSkills, via, rank, occupation
MATCH (via:Occupation {codeRome: $via})-[move:MOVES_TO]->(to:Occupation {codeRome: $to})
OPTIONAL MATCH (before:Occupation)-[:REQUIRES]->(skill:Skill)<-[:REQUIRES]-(via)
WHERE before.codeRome IN $past
RETURN before.label AS past, count(skill) AS sharedSkills, via.label AS via, move.rank AS rank, to.label AS occupation
ORDER BY past
