// Que coûte un logement dans les communes de ce département, là où c'est publié : loyer d'un T2, prix du m², et d'après qui ?
// parameters: departement (string), limit (integer)
// columns: codeInsee, label, rentT2, priceM2, sales, year, source
MATCH (c:Commune)-[:IN_DEPARTEMENT]->(:Departement {code: $departement})
MATCH (c)-[r:RENT]->(:Source)
RETURN c.codeInsee AS codeInsee, c.label AS label, r.rentT2 AS rentT2, r.priceM2 AS priceM2, r.sales AS sales,
  r.year AS year, r.source AS source
ORDER BY codeInsee, source
LIMIT $limit
