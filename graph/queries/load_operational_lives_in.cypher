// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:EmploymentArea {code: row.end})
CREATE (a)-[:LIVES_IN]->(b)
