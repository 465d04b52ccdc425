// rows: {start, end}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Occupation {codeRome: row.end})
CREATE (a)-[:FOR_OCCUPATION]->(b)
