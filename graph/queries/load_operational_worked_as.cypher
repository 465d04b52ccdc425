// rows: {start, end, years}.
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:Occupation {codeRome: row.end})
CREATE (a)-[:WORKED_AS {years: row.years}]->(b)
