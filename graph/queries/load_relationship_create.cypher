// rows: {start, end, properties}.
UNWIND $rows AS row
MATCH (a:«start» {«startKey»: row.start})
MATCH (b:«end» {«endKey»: row.end})
CREATE (a)-[r:«type»]->(b)
SET r = row.properties
