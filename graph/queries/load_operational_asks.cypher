// rows: {start, end, required}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Skill {codeOgr: row.end})
CREATE (a)-[:ASKS {required: row.required}]->(b)
