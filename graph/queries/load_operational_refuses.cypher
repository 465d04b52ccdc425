// rows: {start, end}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:WorkContext {code: row.end})
CREATE (a)-[:REFUSES]->(b)
