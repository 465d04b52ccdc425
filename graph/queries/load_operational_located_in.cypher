// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Commune {codeInsee: row.end})
CREATE (a)-[:LOCATED_IN]->(b)
