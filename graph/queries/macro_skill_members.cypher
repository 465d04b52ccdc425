// Quelles compétences cette macro-compétence rassemble-t-elle, et combien de métiers les demandent ?
// parameters: codeOgr (string)
// columns: codeOgr, label, occupations
MATCH (:MacroSkill {codeOgr: $codeOgr})<-[:PART_OF]-(s:Skill)
RETURN s.codeOgr AS codeOgr, s.label AS label, COUNT { (s)<-[:REQUIRES]-(:Occupation) } AS occupations
ORDER BY occupations DESC, codeOgr
