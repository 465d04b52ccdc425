// Dans quel bassin d'emploi, quel département et quelle région se trouve cette commune ?
// parameters: codeInsee (string)
// columns: label, postcodes, area, areaLabel, departement, departementLabel, region, regionLabel
MATCH (c:Commune {codeInsee: $codeInsee})-[:IN_DEPARTEMENT]->(d:Departement)
OPTIONAL MATCH (c)-[:IN_AREA]->(a:EmploymentArea)
OPTIONAL MATCH (d)-[:IN_REGION]->(r:Region)
RETURN c.label AS label, c.postcodes AS postcodes, a.code AS area, a.label AS areaLabel, d.code AS departement,
  d.label AS departementLabel, r.code AS region, r.label AS regionLabel
ORDER BY area
