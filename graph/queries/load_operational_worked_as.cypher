// rows: {start, end, years}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:Occupation {codeRome: row.end})
CREATE (a)-[:WORKED_AS {years: row.years}]->(b)
