// rows: {start, end, required}.
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Skill {codeOgr: row.end})
CREATE (a)-[:ASKS {required: row.required}]->(b)
