// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:WorkContext {code: row.end})
CREATE (a)-[:REFUSES]->(b)
