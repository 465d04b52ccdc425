// Quelles conditions de travail les demandeurs d'un bassin refusent-ils le plus, et combien d'offres du bassin sont pour un métier qui les a ?
// parameters: area (string), limit (integer)
// columns: code, label, seekers, offers
MATCH (a:EmploymentArea {code: $area})<-[:LIVES_IN]-(:Seeker)-[:REFUSES]->(c:WorkContext)
WITH a, c, count(*) AS seekers
ORDER BY seekers DESC, c.code
LIMIT $limit
RETURN c.code AS code, c.label AS label, seekers,
  COUNT { (a)<-[:IN_AREA]-(:Offer)-[:FOR_OCCUPATION]->(:Occupation)-[:HAS_CONTEXT]->(c) } AS offers
ORDER BY seekers DESC, code
