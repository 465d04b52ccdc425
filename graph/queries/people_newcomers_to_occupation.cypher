// De quels métiers viennent les demandeurs du graphe (inventés) qui ont des compétences cœur d'un métier sans l'avoir exercé ?
// parameters: codeRome (string), limit (integer)
// columns: codeRome, label, seekers, skills
MATCH (o:Occupation {codeRome: $codeRome})-[:REQUIRES {importance: 'core'}]->(s:Skill)<-[:HAS_SKILL]-(p:Seeker)
WHERE NOT EXISTS { (p)-[:WORKED_AS]->(o) }
WITH p, count(s) AS held
MATCH (p)-[:WORKED_AS]->(past:Occupation)
RETURN past.codeRome AS codeRome, past.label AS label, count(p) AS seekers, sum(held) AS skills
ORDER BY seekers DESC, codeRome
LIMIT $limit
