// Quels métiers demandent cette compétence, cœur de métier d'abord ?
// parameters: codeOgr (string)
// columns: codeRome, label, importance
MATCH (:Skill {codeOgr: $codeOgr})<-[r:REQUIRES]-(o:Occupation)
RETURN o.codeRome AS codeRome, o.label AS label, r.importance AS importance
ORDER BY CASE r.importance WHEN 'core' THEN 0 WHEN 'emerging' THEN 1 ELSE 2 END, codeRome
