// Pour chaque offre du graphe pour ce métier qui exige des compétences, combien de demandeurs du même bassin les ont toutes ?
// parameters: codeRome (string), limit (integer)
// columns: offer, area, required, seekers
MATCH (:Occupation {codeRome: $codeRome})<-[:FOR_OCCUPATION]-(f:Offer)-[:IN_AREA]->(a:EmploymentArea)
MATCH (f)-[:ASKS {required: true}]->(s:Skill)
WITH f, a, collect(s) AS skills
ORDER BY f.id
LIMIT $limit
RETURN f.id AS offer, a.code AS area, size(skills) AS required,
  COUNT {
    MATCH (p:Seeker)-[:LIVES_IN]->(a)
    WHERE all(s IN skills WHERE EXISTS { (p)-[:HAS_SKILL]->(s) })
  } AS seekers
ORDER BY offer
