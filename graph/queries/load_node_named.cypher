// Of nodes that the published data no longer have, those that operational data still name.
UNWIND $keys AS key
MATCH (n:«label» {«key»: key})
WHERE EXISTS { (n)--(:Seeker|Offer|Employer) }
RETURN key
