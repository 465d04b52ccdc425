// rows: {start, end}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Commune {codeInsee: row.end})
CREATE (a)-[:LOCATED_IN]->(b)
