// Quelles compétences les offres du graphe situées dans ce bassin demandent-elles le plus, et combien de demandeurs y vivent qui les ont ?
// parameters: area (string), limit (integer)
// columns: codeOgr, label, offers, required, seekers
MATCH (a:EmploymentArea {code: $area})<-[:IN_AREA]-(:Offer)-[k:ASKS]->(s:Skill)
WITH a, s, count(*) AS offers, sum(CASE WHEN k.required THEN 1 ELSE 0 END) AS required
ORDER BY offers DESC, s.codeOgr
LIMIT $limit
RETURN s.codeOgr AS codeOgr, s.label AS label, offers, required,
  COUNT { (a)<-[:LIVES_IN]-(:Seeker)-[:HAS_SKILL]->(s) } AS seekers
ORDER BY offers DESC, codeOgr
