// Dans quels bassins d'emploi vivent le plus de demandeurs du graphe (inventés) qui ont cette compétence ?
// parameters: codeOgr (string), limit (integer)
// columns: area, label, seekers, expert
MATCH (:Skill {codeOgr: $codeOgr})<-[h:HAS_SKILL]-(:Seeker)-[:LIVES_IN]->(a:EmploymentArea)
RETURN a.code AS area, a.label AS label, count(*) AS seekers,
  sum(CASE WHEN h.level = 'expert' THEN 1 ELSE 0 END) AS expert
ORDER BY seekers DESC, area
LIMIT $limit
