// Quels métiers partagent le plus de compétences rares avec celui-ci (somme des idf, en nats) ?
// parameters: codeRome (string), limit (integer)
// columns: codeRome, label, shared, score
MATCH (o:Occupation)
WHERE o.retiredIn IS NULL
WITH count(o) AS total
MATCH (a:Occupation {codeRome: $codeRome})-[:REQUIRES]->(s:Skill)
WITH a, s, log(toFloat(total) / COUNT { (s)<-[:REQUIRES]-(:Occupation) }) AS idf
MATCH (s)<-[:REQUIRES]-(b:Occupation)
WHERE b.codeRome <> $codeRome
WITH b, count(s) AS shared, round(sum(idf), 6) AS score
RETURN b.codeRome AS codeRome, b.label AS label, shared, score
ORDER BY score DESC, codeRome
LIMIT $limit
