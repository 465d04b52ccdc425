// rows: {start, end, properties}; a property that is not among them is removed.
UNWIND $rows AS row
MATCH (a:«start» {«startKey»: row.start})-[r:«type»]->(b:«end» {«endKey»: row.end})
SET r = row.properties
