// Quelles compétences des deux côtés relèvent de la même macro-compétence ?
// parameters: past (list), to (string), macro (string), held (list)
// columns: past, held, macro, asked, occupation
MATCH (held:Skill)-[:PART_OF*0..1]->(macro:MacroSkill {codeOgr: $macro})
WHERE held.codeOgr IN $held
MATCH (to:Occupation {codeRome: $to})-[:REQUIRES]->(asked:Skill)-[:PART_OF*0..1]->(same:MacroSkill {codeOgr: $macro})
OPTIONAL MATCH (before:Occupation)-[:REQUIRES]->(held)
WHERE before.codeRome IN $past
RETURN before.label AS past, held.label AS held, macro.label AS macro, asked.label AS asked, to.label AS occupation
ORDER BY past, held, asked
