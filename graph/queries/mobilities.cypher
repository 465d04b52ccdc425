// Vers quels métiers, et depuis lesquels, les experts du ROME décrivent-ils une mobilité ?
// parameters: codeRome (string)
// columns: direction, rank, codeRome, label
CALL {
  MATCH (:Occupation {codeRome: $codeRome})-[r:MOVES_TO]->(o:Occupation)
  RETURN 'to' AS direction, r.rank AS rank, o.codeRome AS codeRome, o.label AS label
  UNION ALL
  MATCH (:Occupation {codeRome: $codeRome})<-[r:MOVES_TO]-(o:Occupation)
  RETURN 'from' AS direction, r.rank AS rank, o.codeRome AS codeRome, o.label AS label
}
RETURN direction, rank, codeRome, label
ORDER BY direction DESC, rank, codeRome
