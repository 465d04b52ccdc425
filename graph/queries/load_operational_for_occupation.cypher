// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:Occupation {codeRome: row.end})
CREATE (a)-[:FOR_OCCUPATION]->(b)
