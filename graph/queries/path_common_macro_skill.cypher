// Quelles compétences des deux métiers relèvent de la même macro-compétence ?
// parameters: past (list), to (string), macro (string)
// columns: past, held, macro, asked, occupation
MATCH (before:Occupation)-[:REQUIRES]->(held:Skill)-[:PART_OF*0..1]->(macro:MacroSkill {codeOgr: $macro})
WHERE before.codeRome IN $past
MATCH (to:Occupation {codeRome: $to})-[:REQUIRES]->(asked:Skill)-[:PART_OF*0..1]->(same:MacroSkill {codeOgr: $macro})
RETURN before.label AS past, held.label AS held, macro.label AS macro, asked.label AS asked, to.label AS occupation
ORDER BY past, held, asked
