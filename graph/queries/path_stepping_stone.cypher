// Par quel métier intermédiaire le métier passé mène-t-il au métier proposé ?
// parameters: past (list), to (string), via (string)
// columns: past, firstRank, via, secondRank, occupation
MATCH (before:Occupation)-[first:MOVES_TO]->(via:Occupation {codeRome: $via})-[second:MOVES_TO]->(to:Occupation {codeRome: $to})
WHERE before.codeRome IN $past
RETURN before.label AS past, first.rank AS firstRank, via.label AS via, second.rank AS secondRank, to.label AS occupation
ORDER BY past
