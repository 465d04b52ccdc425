// Quelle est la tension (5 : la plus forte) de chaque famille professionnelle de ce métier dans ce département, et ses causes ?
// parameters: codeRome (string), departement (string)
// columns: codeFap, family, tension, hiringIntensity, workforceShortage, unstableJobs, workingConditions, geographicMismatch, trainingLink, year, source
MATCH (:Occupation {codeRome: $codeRome})-[:IN_FAMILY]->(f:OccupationFamily)-[:IN_PROFESSIONAL_FAMILY]->(p:ProfessionalFamily)
MATCH (p)-[m:MARKET]->(:Departement {code: $departement})
RETURN p.codeFap AS codeFap, f.codeRome3 AS family, m.tension AS tension, m.hiringIntensity AS hiringIntensity,
  m.workforceShortage AS workforceShortage, m.unstableJobs AS unstableJobs, m.workingConditions AS workingConditions,
  m.geographicMismatch AS geographicMismatch, m.trainingLink AS trainingLink, m.year AS year, m.source AS source
ORDER BY codeFap
