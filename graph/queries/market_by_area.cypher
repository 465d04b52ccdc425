// Dans quels bassins d'emploi la famille de ce métier a-t-elle le plus d'offres ouvertes, et face à combien de demandeurs ?
// parameters: codeRome (string), limit (integer)
// columns: code, label, family, offers, offersDay, seekers, tension, year, source
MATCH (:Occupation {codeRome: $codeRome})-[:IN_FAMILY]->(f:OccupationFamily)-[m:MARKET]->(a:EmploymentArea)
WHERE m.offers IS NOT NULL
RETURN a.code AS code, a.label AS label, f.codeRome3 AS family, m.offers AS offers, m.offersDay AS offersDay,
  m.seekers AS seekers, m.tension AS tension, m.year AS year, m.source AS source
ORDER BY offers DESC, code
LIMIT $limit
