// Quel métier proche du métier passé mène à un métier proche du métier proposé ?
// parameters: past (list), to (string), via (string), onward (string)
// columns: past, via, rank, onward, occupation
MATCH (via:Occupation {codeRome: $via})-[move:MOVES_TO]->(onward:Occupation {codeRome: $onward})
MATCH (to:Occupation {codeRome: $to})
OPTIONAL MATCH (before:Occupation)
WHERE before.codeRome IN $past
RETURN before.label AS past, via.label AS via, move.rank AS rank, onward.label AS onward, to.label AS occupation
ORDER BY past
