// Quelles compétences ce métier demande-t-il, cœur de métier d'abord ?
// parameters: codeRome (string)
// columns: codeOgr, label, kind, importance
MATCH (:Occupation {codeRome: $codeRome})-[r:REQUIRES]->(s:Skill)
RETURN s.codeOgr AS codeOgr, s.label AS label, s.kind AS kind, r.importance AS importance
ORDER BY CASE r.importance WHEN 'core' THEN 0 WHEN 'emerging' THEN 1 ELSE 2 END, codeOgr
