// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:Offer {id: row.start})
MATCH (b:EmploymentArea {code: row.end})
CREATE (a)-[:IN_AREA]->(b)
