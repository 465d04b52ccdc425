// Quelles familles de métiers ont dans ce bassin le plus d'offres ouvertes pour chaque demandeur, là où les deux sont publiés ?
// parameters: area (string), limit (integer)
// columns: codeRome3, label, offers, seekers, ratio, tension, year
MATCH (f:OccupationFamily)-[m:MARKET]->(:EmploymentArea {code: $area})
WHERE m.offers IS NOT NULL AND m.seekers IS NOT NULL
RETURN f.codeRome3 AS codeRome3, f.label AS label, m.offers AS offers, m.seekers AS seekers,
  round(m.offers / m.seekers, 6) AS ratio, m.tension AS tension, m.year AS year
ORDER BY ratio DESC, codeRome3
LIMIT $limit
