// Quelles appellations commencent par ce texte (minuscules, sans accents) ?
// parameters: prefix (string), limit (integer)
// columns: codeOgr, title, codeRome, occupation
MATCH (t:JobTitle)-[:TITLE_OF]->(o:Occupation)
WHERE t.labelNorm STARTS WITH $prefix
RETURN t.codeOgr AS codeOgr, t.label AS title, o.codeRome AS codeRome, o.label AS occupation
ORDER BY t.labelNorm, codeOgr
LIMIT $limit
