// Quelles compétences ces deux métiers ont-ils en commun, les plus rares d'abord ?
// parameters: codeRome (string), otherCodeRome (string)
// columns: codeOgr, label, kind, importance, otherImportance, occupations
MATCH (:Occupation {codeRome: $codeRome})-[r:REQUIRES]->(s:Skill)<-[q:REQUIRES]-(:Occupation {codeRome: $otherCodeRome})
RETURN s.codeOgr AS codeOgr, s.label AS label, s.kind AS kind, r.importance AS importance,
       q.importance AS otherImportance, COUNT { (s)<-[:REQUIRES]-(:Occupation) } AS occupations
ORDER BY occupations, codeOgr
