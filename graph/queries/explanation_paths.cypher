// Par quels chemins courts passe-t-on d'un métier à un autre ?
// parameters: codeRome (string), otherCodeRome (string), limit (integer)
// columns: path, code, label
CALL {
  MATCH (:Occupation {codeRome: $codeRome})-[:MOVES_TO]->(o:Occupation {codeRome: $otherCodeRome})
  RETURN 0 AS rank, 'mobility' AS path, o.codeRome AS code, o.label AS label
  UNION ALL
  MATCH (:Occupation {codeRome: $codeRome})-[:REQUIRES]->(s:Skill)<-[:REQUIRES]-(:Occupation {codeRome: $otherCodeRome})
  RETURN 1 AS rank, 'shared skill' AS path, s.codeOgr AS code, s.label AS label
  UNION ALL
  MATCH (:Occupation {codeRome: $codeRome})-[:MOVES_TO]->(m:Occupation)-[:MOVES_TO]->(:Occupation {codeRome: $otherCodeRome})
  RETURN 2 AS rank, 'stepping stone' AS path, m.codeRome AS code, m.label AS label
  UNION ALL
  MATCH (:Occupation {codeRome: $codeRome})-[:REQUIRES]->(s:Skill)-[:PART_OF]->(m:MacroSkill)
  MATCH (m)<-[:PART_OF]-(t:Skill)<-[:REQUIRES]-(:Occupation {codeRome: $otherCodeRome})
  WHERE s.codeOgr <> t.codeOgr
  RETURN DISTINCT 3 AS rank, 'shared macro-skill' AS path, m.codeOgr AS code, m.label AS label
}
RETURN path, code, label
ORDER BY rank, code
LIMIT $limit
