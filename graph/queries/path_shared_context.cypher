// Quelle condition de travail un métier passé et le métier proposé ont-ils en commun ?
// parameters: past (list), to (string), context (string)
// columns: past, context, occupation
MATCH (before:Occupation)-[:HAS_CONTEXT]->(context:WorkContext {code: $context})<-[:HAS_CONTEXT]-(to:Occupation {codeRome: $to})
WHERE before.codeRome IN $past
RETURN before.label AS past, context.label AS context, to.label AS occupation
ORDER BY past
