// À quelle famille de métiers le métier passé et le métier proposé appartiennent-ils ?
// parameters: past (list), to (string), family (string)
// columns: past, family, occupation
MATCH (before:Occupation)-[:IN_FAMILY]->(family:OccupationFamily {codeRome3: $family})<-[:IN_FAMILY]-(to:Occupation {codeRome: $to})
WHERE before.codeRome IN $past
RETURN before.label AS past, family.codeRome3 AS family, to.label AS occupation
ORDER BY past
