// Combien de métiers chaque grand domaine et chaque domaine professionnel comptent-ils ?
// parameters: none
// columns: grandDomain, grandDomainLabel, domain, domainLabel, occupations
MATCH (g:GrandDomain)<-[:PART_OF]-(d:Domain)<-[:PART_OF]-(o:Occupation)
RETURN g.code AS grandDomain, g.label AS grandDomainLabel, d.code AS domain, d.label AS domainLabel,
       count(o) AS occupations
ORDER BY grandDomain, domain
