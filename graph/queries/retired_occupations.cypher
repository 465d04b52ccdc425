// Quels métiers ont disparu du ROME mais restent nommés par un demandeur, une offre ou un employeur ?
// parameters: none
// columns: codeRome, label, retiredIn, namedBy
MATCH (o:Occupation)
WHERE o.retiredIn IS NOT NULL
RETURN o.codeRome AS codeRome, o.label AS label, o.retiredIn AS retiredIn,
       COUNT { (o)--(:Seeker|Offer|Employer) } AS namedBy
ORDER BY codeRome
