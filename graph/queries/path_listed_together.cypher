// Depuis quel métier les experts citent-ils ensemble le métier passé et le métier proposé ?
// parameters: past (list), to (string), via (string)
// columns: via, pastRank, past, occupationRank, occupation
MATCH (before:Occupation)<-[one:MOVES_TO]-(via:Occupation {codeRome: $via})-[other:MOVES_TO]->(to:Occupation {codeRome: $to})
WHERE before.codeRome IN $past
RETURN via.label AS via, one.rank AS pastRank, before.label AS past, other.rank AS occupationRank, to.label AS occupation
ORDER BY past
